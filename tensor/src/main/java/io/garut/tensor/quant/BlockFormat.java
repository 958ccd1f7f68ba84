package io.garut.tensor.quant;

import io.garut.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * One of ggml's block formats: {@link DType#blockSize()} weights that share their scales in {@link DType#blockBytes()}
 * bytes.
 *
 * <p>All are stateless and safe for any number of threads. Offsets are in bytes for {@link MemorySegment}s and byte
 * arrays, in elements for {@code float[]}; nothing need be aligned. Lengths are counted in blocks.
 */
public sealed interface BlockFormat permits Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K {
  /**
   * Elements that the segment methods work on at a time: 32 KiB of floats, so that the detour stays in the L1 cache.
   */
  int CHUNK = 8192;

  /**
   * The format of {@code type}.
   *
   * @throws IllegalArgumentException if {@code type} is not a block format
   */
  static BlockFormat of(DType type) {
    return switch (type) {
      case Q8_0 -> Q8_0.FORMAT;
      case Q4_0 -> Q4_0.FORMAT;
      case Q4_1 -> Q4_1.FORMAT;
      case Q5_0 -> Q5_0.FORMAT;
      case Q5_1 -> Q5_1.FORMAT;
      case Q4_K -> Q4_K.FORMAT;
      case Q5_K -> Q5_K.FORMAT;
      case Q6_K -> Q6_K.FORMAT;
      case F64, F32, F16, BF16, I64, I32, BOOL ->
          throw new IllegalArgumentException(type + " is not a block format; read and write it element by element");
    };
  }

  /** The element type whose blocks these are. */
  DType dtype();

  /**
   * What the other side of a dot product is quantised to, so that the product can be summed in integers: the weights'
   * sub-blocks that share a scale must lie within one block of it.
   */
  DType partner();

  /** Whether {@link #encode} is supported; all formats decode. */
  default boolean encodes() {
    return false;
  }

  /**
   * Decodes {@code blocks} blocks.
   *
   * @throws IndexOutOfBoundsException if either side is too short
   */
  void decode(byte[] source, int sourceOffset, float[] target, int targetOffset, int blocks);

  /**
   * Encodes {@code blocks} blocks as ggml's reference quantiser does.
   *
   * @throws UnsupportedOperationException if the format does not {@linkplain #encodes() encode}
   * @throws ArithmeticException if a value is NaN, infinite, or so large that the block's F16 scale overflows
   * @throws IndexOutOfBoundsException if either side is too short
   */
  default void encode(float[] source, int sourceOffset, byte[] target, int targetOffset, int blocks) {
    throw new UnsupportedOperationException(dtype() + " can be read but not written; choose Q8_0 or Q4_0");
  }

  /** Decodes from a segment. See {@link #decode(byte[], int, float[], int, int)}. */
  default void decode(MemorySegment source, long sourceOffset, float[] target, int targetOffset, int blocks) {
    Objects.checkFromIndexSize(targetOffset, blocks * (long) dtype().blockSize(), target.length);
    int step = Math.min(blocks, CHUNK / dtype().blockSize());
    byte[] bytes = new byte[step * dtype().blockBytes()];
    for (int done = 0; done < blocks; done += step) {
      int now = Math.min(step, blocks - done);
      long from = sourceOffset + done * (long) dtype().blockBytes();
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, bytes, 0, now * dtype().blockBytes());
      decode(bytes, 0, target, targetOffset + done * dtype().blockSize(), now);
    }
  }

  /** Decodes from a segment into a segment of native-order F32. See {@link #decode(byte[], int, float[], int, int)}. */
  default void decode(MemorySegment source, long sourceOffset, MemorySegment target, long targetOffset, long blocks) {
    int step = (int) Math.min(blocks, CHUNK / dtype().blockSize());
    byte[] bytes = new byte[step * dtype().blockBytes()];
    float[] floats = new float[step * dtype().blockSize()];
    for (long done = 0; done < blocks; done += step) {
      int now = (int) Math.min(step, blocks - done);
      long from = sourceOffset + done * dtype().blockBytes();
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, bytes, 0, now * dtype().blockBytes());
      decode(bytes, 0, floats, 0, now);
      long to = targetOffset + done * dtype().blockSize() * Float.BYTES;
      MemorySegment.copy(floats, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, to, now * dtype().blockSize());
    }
  }

  /** Encodes into a segment. See {@link #encode(float[], int, byte[], int, int)}. */
  default void encode(float[] source, int sourceOffset, MemorySegment target, long targetOffset, int blocks) {
    Objects.checkFromIndexSize(sourceOffset, blocks * (long) dtype().blockSize(), source.length);
    int step = Math.min(blocks, CHUNK / dtype().blockSize());
    byte[] bytes = new byte[step * dtype().blockBytes()];
    for (int done = 0; done < blocks; done += step) {
      int now = Math.min(step, blocks - done);
      encode(source, sourceOffset + done * dtype().blockSize(), bytes, 0, now);
      long to = targetOffset + done * (long) dtype().blockBytes();
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, to, now * dtype().blockBytes());
    }
  }

  /** Encodes native-order F32 of one segment into another. See {@link #encode(float[], int, byte[], int, int)}. */
  default void encode(MemorySegment source, long sourceOffset, MemorySegment target, long targetOffset, long blocks) {
    int step = (int) Math.min(blocks, CHUNK / dtype().blockSize());
    byte[] bytes = new byte[step * dtype().blockBytes()];
    float[] floats = new float[step * dtype().blockSize()];
    for (long done = 0; done < blocks; done += step) {
      int now = (int) Math.min(step, blocks - done);
      long from = sourceOffset + done * dtype().blockSize() * Float.BYTES;
      MemorySegment.copy(source, ValueLayout.JAVA_FLOAT_UNALIGNED, from, floats, 0, now * dtype().blockSize());
      encode(floats, 0, bytes, 0, now);
      long to = targetOffset + done * dtype().blockBytes();
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, to, now * dtype().blockBytes());
    }
  }
}
