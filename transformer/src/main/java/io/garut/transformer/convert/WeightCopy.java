package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.quant.Elements;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/**
 * One weight on its way: where it comes from, what it becomes.
 *
 * @param target its name, type and shape in the new file
 * @param source where it lies, or null for a bias of zeros that the new format insists on
 * @param rows the order of its rows
 * @param heads attention heads, H
 */
record WeightCopy(TensorSpec target, Entry source, QkvRows rows, int heads) {
  private static final int CHUNK = 1 << 16; // elements; a multiple of every block size

  /** Whether the source's bytes are the target's. */
  boolean isVerbatim() {
    return source != null && rows == QkvRows.AS_THEY_ARE && stored() == target.dtype();
  }

  private DType stored() {
    return source.dtype().orElseThrow();
  }

  /**
   * Writes the weight into {@code to}, or, where it is {@linkplain #isVerbatim verbatim}, only looks at it.
   *
   * @param from the source's elements; not read where there is no source
   * @throws CheckpointException if a number is not finite, or too large for the target's type
   * @throws CancellationException if {@code listener} wants it
   */
  void run(MemorySegment from, MemorySegment to, ConversionListener listener) throws CheckpointException {
    if (source == null) {
      to.fill((byte) 0);
      return;
    }
    Shape shape = target.shape();
    long width = shape.product(1, shape.rank()); // elements of a row
    long run = rows == QkvRows.AS_THEY_ARE ? shape.dim(0) : shape.dim(0) / 3 / heads; // rows that stay together
    float[] floats = new float[(int) Math.min(CHUNK, run * width)];
    for (long row = 0; row < shape.dim(0); row += run) {
      long sourceAt = rows.source(row, heads, run) * width;
      for (long done = 0; done < run * width; done += floats.length) {
        if (listener.cancelled()) {
          throw new CancellationException("the conversion was ended");
        }
        int count = (int) Math.min(floats.length, run * width - done);
        copy(from, sourceAt + done, to, row * width + done, floats, count);
      }
    }
  }

  /** Whether {@code type} holds every element of this vector exactly. */
  boolean isExactIn(DType type, MemorySegment from) {
    int count = Math.toIntExact(target.shape().elements());
    float[] floats = new float[count];
    float[] rounded = new float[count];
    Elements.read(stored(), from, 0, floats, 0, count);
    MemorySegment narrow = MemorySegment.ofArray(new byte[Math.toIntExact(type.bytes(count))]);
    Elements.write(type, floats, 0, narrow, 0, count);
    Elements.read(type, narrow, 0, rounded, 0, count);
    return Arrays.equals(floats, rounded);
  }

  private void copy(MemorySegment from, long sourceAt, MemorySegment to, long targetAt, float[] floats, int count)
      throws CheckpointException {
    DType type = target.dtype();
    Elements.read(stored(), from, stored().bytes(sourceAt), floats, 0, count);
    check(floats, count, sourceAt, type == stored() ? Float.MAX_VALUE : largest(type));
    if (isVerbatim()) {
      return;
    }
    if (type == stored()) {
      MemorySegment.copy(from, type.bytes(sourceAt), to, type.bytes(targetAt), type.bytes(count));
      return;
    }
    try {
      Elements.write(type, floats, 0, to, type.bytes(targetAt), count);
    } catch (ArithmeticException e) {
      throw failure(sourceAt, e.getMessage(), "write it as F32", e);
    }
  }

  private void check(float[] floats, int count, long sourceAt, float largest) throws CheckpointException {
    boolean good = true;
    for (int i = 0; i < count; i++) {
      good &= Math.abs(floats[i]) <= largest;
    }
    for (int i = 0; !good && i < count; i++) {
      if (!Float.isFinite(floats[i]) && stored() != DType.F64) {
        throw failure(sourceAt + i, "is " + floats[i], "the checkpoint is damaged: get it again", null);
      }
      if (!(Math.abs(floats[i]) <= largest)) {
        String what = "is " + floats[i] + ", which does not fit into " + target.dtype();
        throw failure(sourceAt + i, what, "write the model as F32 or BF16", null);
      }
    }
  }

  /** The largest number that rounds to a finite one. */
  private static float largest(DType type) {
    return switch (type) {
      case F16 -> Math.nextDown(65520f); // halfway between 65504 and 2^16
      case BF16 -> Math.nextDown(0x1.FFp127f);
      case F64, F32, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> Float.MAX_VALUE; // encoders check themselves
      case I64, I32, BOOL -> throw new IllegalArgumentException("a weight cannot be " + type);
    };
  }

  private CheckpointException failure(long element, String what, String remedy, Exception cause) {
    long[] place = new long[target.shape().rank()];
    long rest = element;
    for (int i = place.length - 1; i >= 0; i--) {
      place[i] = rest % target.shape().dim(i);
      rest /= target.shape().dim(i);
    }
    String where = "tensor " + CheckpointException.quote(source.name()) + ", element " + Arrays.toString(place);
    return new CheckpointException(source.file(), where, what, remedy, cause);
  }
}
