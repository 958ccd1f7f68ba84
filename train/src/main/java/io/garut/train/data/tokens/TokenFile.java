package io.garut.train.data.tokens;

import io.garut.train.data.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of tokens, mapped into memory: of any size, and shared by whatever reads it. {@link TokenFileWriter} makes it.
 *
 * <p>It begins with 40 bytes, little-endian like all of it: the 8 letters {@code GARUTTOK}, the version 1 (4 bytes), the
 * bytes of each token (4 bytes; 2 where the vocabulary has up to 65,536 tokens, else 4), the size of the vocabulary
 * (8), the number of tokens (8), and a hash of them (8). The tokens follow, without sign.
 *
 * <p>Threads may share it while it is open.
 */
public final class TokenFile implements AutoCloseable {
  static final int HEADER = 40;
  static final long MAGIC = 0x4B4F_5454_5552_4147L; // GARUTTOK, its first letter in the lowest byte
  static final int VERSION = 1;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfChar CHAR = ValueLayout.JAVA_CHAR_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final Arena arena;
  private final MemorySegment data;
  private final int width;
  private final int vocabularySize;
  private final long size;
  private final long hash;

  private TokenFile(Path file, Arena arena, MemorySegment data) throws DataException {
    this.file = file;
    this.arena = arena;
    this.data = data;
    check(data.byteSize() >= HEADER && data.get(LONG, 0) == MAGIC, "this is no file of tokens");
    check(data.get(INT, 8) == VERSION, "version " + data.get(INT, 8) + " is not read, only " + VERSION);
    this.width = data.get(INT, 12);
    check(width == 2 || width == 4, "tokens of " + width + " bytes are not read");
    long vocabulary = data.get(LONG, 16);
    check(vocabulary > 0 && vocabulary <= Integer.MAX_VALUE, "a vocabulary of " + vocabulary + " tokens is not possible");
    this.vocabularySize = (int) vocabulary;
    this.size = data.get(LONG, 24);
    check(
        size >= 0 && size == (data.byteSize() - HEADER) / width && (data.byteSize() - HEADER) % width == 0,
        "it says that it has " + size + " tokens, and holds " + (data.byteSize() - HEADER) + " bytes of them");
    this.hash = data.get(LONG, 32);
  }

  private void check(boolean good, String problem) throws DataException {
    if (!good) {
      throw new DataException(file + ": " + problem + "; write it again from the texts");
    }
  }

  /**
   * Maps a file of tokens.
   *
   * @throws IOException if it is damaged or no such file
   */
  public static TokenFile open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new TokenFile(file, arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** How many tokens there are. */
  public long size() {
    return size;
  }

  /** One more than the largest id of the tokenizer that made them. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /** A hash of all tokens, from when they were written. */
  public long hash() {
    return hash;
  }

  /** The tokens from {@code from} on, {@code count} of them. */
  public int[] read(long from, int count) {
    if (from < 0 || count < 0 || from > size - count) {
      throw new IndexOutOfBoundsException(
          "tokens " + from + " to " + (from + count) + " are asked of " + file + ", which has " + size);
    }
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      long at = HEADER + (from + i) * width;
      ids[i] = width == 2 ? data.get(CHAR, at) : data.get(INT, at);
    }
    return ids;
  }

  @Override
  public void close() {
    arena.close();
  }
}
