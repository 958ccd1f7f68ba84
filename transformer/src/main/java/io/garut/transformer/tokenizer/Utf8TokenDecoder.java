package io.garut.transformer.tokenizer;

import io.garut.transformer.tokenizer.bpe.Utf8;
import java.util.Arrays;
import java.util.function.IntFunction;

/** The decoder over each token's bytes; between calls it holds the three bytes of an unfinished character at most. */
final class Utf8TokenDecoder implements TokenDecoder {
  private static final byte[] NOTHING = {};

  private final IntFunction<byte[]> bytesOf;
  private byte[] held = NOTHING;

  /** A decoder that asks for each id's bytes, none for ids to pass over. */
  Utf8TokenDecoder(IntFunction<byte[]> bytesOf) {
    this.bytesOf = bytesOf;
  }

  @Override
  public String push(int id) {
    byte[] added = bytesOf.apply(id);
    byte[] bytes = added;
    if (held.length > 0) {
      bytes = Arrays.copyOf(held, held.length + added.length);
      System.arraycopy(added, 0, bytes, held.length, added.length);
    }
    StringBuilder text = new StringBuilder(bytes.length);
    int end = Utf8.decodeComplete(bytes, 0, bytes.length, text);
    held = end == bytes.length ? NOTHING : Arrays.copyOfRange(bytes, end, bytes.length);
    return text.toString();
  }

  @Override
  public String flush() {
    String rest = Utf8.decode(held, 0, held.length);
    held = NOTHING;
    return rest;
  }
}
