package io.garut.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.file.FileBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A file of JSON objects, one a line, each with a {@code step} that never falls. A line is written at once, so that of a
 * process that was killed at most the last line is torn.
 */
final class JsonLines implements AutoCloseable {
  static final String STEP = "step";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final int PIECE = 1 << 16;

  private final Path file;
  private final FileChannel channel;

  private JsonLines(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens {@code file}, which is made if need be.
   *
   * @throws CheckpointException if it cannot be written to
   */
  static JsonLines open(Path file) throws CheckpointException {
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.position(channel.size());
      return new JsonLines(file, channel);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** An empty object. */
  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Writes a line. */
  void append(JsonNode object) throws CheckpointException {
    ByteBuffer line = ByteBuffer.wrap((object + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Brings the lines to the disk. */
  void sync() throws CheckpointException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /**
   * Gives {@code each} all lines up to {@code step}, and cuts off what comes after them: lines of later steps, and one that is
   * torn.
   *
   * @return what is lost, if a line is damaged before one that is whole
   * @throws CheckpointException if the file cannot be read or cut
   */
  Optional<String> rewind(long step, Consumer<JsonNode> each) throws CheckpointException {
    try {
      Lines lines = new Lines();
      long kept = 0;
      int number = 0;
      Optional<String> lost = Optional.empty();
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        number++;
        JsonNode object = parse(line);
        if (object == null || object.path(STEP).asLong() > step) {
          boolean damaged = object == null && lines.next() != null;
          lost = damaged ? Optional.of(file.getFileName() + " is damaged in line " + number) : lost;
          break;
        }
        each.accept(object);
        kept = lines.consumed;
      }
      channel.truncate(kept);
      channel.position(kept);
      return lost.map(what -> what + "; its lines from there on were cut off");
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Null for what is no object with a step. */
  private static JsonNode parse(byte[] line) {
    try {
      JsonNode object = JSON.readTree(new String(line, StandardCharsets.UTF_8));
      return object != null && object.path(STEP).isIntegralNumber() ? object : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Reads whole lines from the beginning. */
  private final class Lines {
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE).limit(0);
    private long at;
    private long consumed;

    /** The next line without its end; null if there is no whole one. */
    byte[] next() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      while (true) {
        if (!piece.hasRemaining()) {
          int read = channel.read(piece.clear(), at);
          if (read <= 0) {
            piece.limit(0);
            return null;
          }
          at += read;
          piece.flip();
        }
        byte next = piece.get();
        if (next == '\n') {
          consumed += line.size() + 1;
          return line.toByteArray();
        }
        line.write(next);
      }
    }
  }

  private static CheckpointException failed(Path file, IOException e) {
    return new CheckpointWriteException(file, FileBytes.describe(e), "check the disk; checkpoints are as they were", e);
  }

  @Override
  public void close() throws CheckpointException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
