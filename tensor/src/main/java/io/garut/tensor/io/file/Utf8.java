package io.garut.tensor.io.file;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text that must be UTF-8. */
public final class Utf8 {
  private Utf8() {}

  /**
   * The text in {@code length} bytes from {@code offset}.
   *
   * @throws CharacterCodingException if they are not UTF-8; {@link String}'s own constructor would put U+FFFD in place
   */
  public static String decode(byte[] bytes, int offset, int length) throws CharacterCodingException {
    if (isAscii(bytes, offset, length)) {
      return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length)).toString();
  }

  private static boolean isAscii(byte[] bytes, int offset, int length) {
    int all = 0;
    for (int i = offset; i < offset + length; i++) {
      all |= bytes[i];
    }
    return all >= 0;
  }
}
