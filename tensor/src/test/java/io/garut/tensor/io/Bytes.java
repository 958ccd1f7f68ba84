package io.garut.tensor.io;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts a hostile file together, little-endian. */
final class Bytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Bytes u8(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  Bytes u16(int value) {
    return number(value, 2);
  }

  Bytes u32(long value) {
    return number(value, 4);
  }

  Bytes u64(long value) {
    return number(value, 8);
  }

  private Bytes number(long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes.write((int) (value >> 8 * i));
    }
    return this;
  }

  /** The text alone, in UTF-8. */
  Bytes text(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The text after its length in 8 bytes, as GGUF has it. */
  Bytes sized(String text) {
    return u64(text.getBytes(StandardCharsets.UTF_8).length).text(text);
  }

  Bytes raw(byte... values) {
    bytes.writeBytes(values);
    return this;
  }

  Bytes zeros(int count) {
    return raw(new byte[count]);
  }

  int size() {
    return bytes.size();
  }

  byte[] array() {
    return bytes.toByteArray();
  }
}
