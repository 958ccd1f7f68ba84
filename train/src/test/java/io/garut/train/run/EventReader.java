package io.garut.train.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Reads event files by what their format says, and knows nothing of how they are written. */
final class EventReader {
  /** Field {@code number}: a Long, a Double, a Float or a ByteBuffer. */
  record Field(int number, Object value) {}

  private EventReader() {}

  /** Lines as {@code 3 train/loss 2.5} and {@code 3 samples/01 text}. */
  static List<String> lines(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.getFileName().toString().contains("tfevents")).sorted().toList()) {
        for (byte[] event : records(Files.readAllBytes(file))) {
          describe(fields(ByteBuffer.wrap(event)), lines);
        }
      }
    }
    return lines;
  }

  private static void describe(List<Field> event, List<String> lines) {
    long step = event.stream().filter(f -> f.number == 2).mapToLong(f -> (Long) f.value).findFirst().orElse(0);
    for (Field field : event) {
      switch (field.number) {
        case 3 -> lines.add("version " + text(field.value));
        case 7 -> lines.add("session " + fields((ByteBuffer) field.value));
        case 5 -> {
          for (Field value : fields((ByteBuffer) field.value)) {
            lines.add(step + " " + value(fields((ByteBuffer) value.value)));
          }
        }
        default -> {}
      }
    }
  }

  private static String value(List<Field> value) {
    StringBuilder described = new StringBuilder();
    for (Field field : value) {
      switch (field.number) {
        case 1 -> described.append(text(field.value));
        case 2 -> described.append(' ').append(field.value);
        case 8 -> fields((ByteBuffer) field.value).stream()
            .filter(f -> f.number == 8)
            .forEach(f -> described.append(' ').append(text(f.value)));
        default -> {}
      }
    }
    return described.toString();
  }

  private static String text(Object bytes) {
    return StandardCharsets.UTF_8.decode(((ByteBuffer) bytes).duplicate()).toString();
  }

  static List<byte[]> records(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      check(length, in.getInt());
      byte[] data = new byte[Math.toIntExact(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong())];
      in.get(data);
      check(data, in.getInt());
      records.add(data);
    }
    return records;
  }

  private static void check(byte[] data, int masked) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(data);
    long value = crc.getValue();
    long expected = ((value >>> 15 | value << 17) + 0xa282ead8L) & 0xffffffffL; // as TensorFlow's record_writer.h has it
    if (expected != Integer.toUnsignedLong(masked)) {
      throw new IOException("a checksum differs");
    }
  }

  static List<Field> fields(ByteBuffer bytes) {
    ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      int key = (int) varint(in);
      Object value =
          switch (key & 7) {
            case 0 -> varint(in);
            case 1 -> in.getDouble();
            case 5 -> in.getFloat();
            case 2 -> {
              int length = (int) varint(in);
              ByteBuffer part = in.slice(in.position(), length);
              in.position(in.position() + length);
              yield part;
            }
            default -> throw new IllegalStateException("wire type " + (key & 7));
          };
      fields.add(new Field(key >>> 3, value));
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
