package io.garut.transformer.tokenizer.bpe;

/**
 * GPT-2's printable alphabet: each of the 256 bytes as one character, so that a vocabulary can be written as text.
 *
 * <p>The printable Latin-1 characters stand for themselves; the 68 others, in order, for U+0100 onwards: a space is
 * {@code Ġ} (U+0120). From {@code bytes_to_unicode} in OpenAI's GPT-2.
 */
public final class ByteAlphabet {
  private static final char[] CHARACTERS = new char[256];
  private static final short[] BYTES = new short[0x100 + 68];

  static {
    java.util.Arrays.fill(BYTES, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      CHARACTERS[b] = printable ? (char) b : next++;
      BYTES[CHARACTERS[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character for a byte, which may come signed. */
  public static char character(int b) {
    return CHARACTERS[b & 0xFF];
  }

  /** The byte that {@code c} stands for, 0 to 255, or −1 if it is outside the alphabet. */
  public static int toByte(char c) {
    return c < BYTES.length ? BYTES[c] : -1;
  }

  /** These bytes in the alphabet's characters. */
  public static String toText(byte[] bytes, int from, int to) {
    char[] text = new char[to - from];
    for (int i = from; i < to; i++) {
      text[i - from] = CHARACTERS[bytes[i] & 0xFF];
    }
    return new String(text);
  }

  /**
   * The bytes of a token: what its characters stand for, or its own UTF-8 form if one of them is outside the alphabet.
   */
  public static byte[] toBytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int b = toByte(token.charAt(i));
      if (b < 0) {
        return Utf8.encode(token);
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }
}
