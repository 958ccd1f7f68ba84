package io.garut.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.tensor.io.file.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** The file that says how long the others in its folder are, and their CRC-32C. */
final class Checksums {
  static final String NAME = "checksums.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final int PIECE = 1 << 20;

  private Checksums() {}

  /** Brings every file in {@code folder} to the disk, then writes down what it holds. */
  static void seal(Path folder) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode files = root.putObject("files");
    for (Path file : files(folder)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      ObjectNode entry = files.putObject(file.getFileName().toString());
      entry.put("bytes", Files.size(file));
      entry.put("crc32c", crc(file));
    }
    byte[] text = root.toPrettyString().getBytes(StandardCharsets.UTF_8);
    try (AtomicFile file = AtomicFile.create(folder.resolve(NAME))) {
      file.write(0, text);
      file.commit(); // brings the folder to the disk as well
    }
  }

  /** What is wrong with {@code folder}; empty if every file is as it was {@linkplain #seal sealed}. */
  static Optional<String> problem(Path folder) {
    try {
      JsonNode files = JSON.readTree(Files.readString(folder.resolve(NAME))).path("files");
      if (!files.isObject() || files.isEmpty()) {
        return Optional.of(NAME + " is damaged");
      }
      for (Map.Entry<String, JsonNode> entry : files.properties()) {
        Optional<String> problem = problem(folder, entry.getKey(), entry.getValue());
        if (problem.isPresent()) {
          return problem;
        }
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.of(NAME + " is missing");
    } catch (JsonProcessingException e) {
      return Optional.of(NAME + " is damaged");
    } catch (IOException e) {
      return Optional.of("it cannot be read (" + e + ")");
    }
  }

  private static Optional<String> problem(Path folder, String name, JsonNode expected) throws IOException {
    if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.startsWith("..") || name.indexOf('\0') >= 0) {
      return Optional.of(NAME + " is damaged");
    }
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return Optional.of(name + " is missing");
    }
    long size = Files.size(file);
    if (size != expected.path("bytes").asLong(-1)) {
      return Optional.of(name + " has " + size + " bytes, not " + expected.path("bytes").asText());
    }
    if (!crc(file).equals(expected.path("crc32c").asText())) {
      return Optional.of(name + " is damaged: its checksum differs");
    }
    return Optional.empty();
  }

  /** The CRC-32C of a file, in eight hexadecimal digits. */
  static String crc(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
      while (channel.read(piece.clear()) >= 0) {
        crc.update(piece.flip());
      }
    }
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
