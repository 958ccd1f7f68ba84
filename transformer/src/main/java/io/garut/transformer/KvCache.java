package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.Executor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the tokens seen so far, for several sequences ("slots"): per layer two tensors [slots, heads,
 * capacity, headSize], F32 or F16, whose addresses never change. How many positions of a slot are in use is counted
 * here; the tensors do not know.
 */
public final class KvCache implements AutoCloseable {
  private final List<Tensor> keys = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();
  private final int capacity;
  private final int[] lengths;

  /** Allocates for every layer. */
  public KvCache(int layers, int slots, int heads, int capacity, int headSize, DType dtype) {
    this.capacity = capacity;
    this.lengths = new int[slots];
    Spec spec = Spec.of(dtype, Shape.of(slots, heads, capacity, headSize));
    for (int i = 0; i < layers; i++) {
      keys.add(Tensor.wrap(spec, Executor.current().backend().allocateZeros(spec), 0).keep());
      values.add(Tensor.wrap(spec, Executor.current().backend().allocateZeros(spec), 0).keep());
    }
  }

  /** Bytes that a cache takes. */
  public static long bytes(int layers, int slots, int heads, int capacity, int headSize, DType dtype) {
    return 2L * layers * dtype.bytes((long) slots * heads * capacity * headSize);
  }

  /** Keys of {@code layer}, [slots, heads, capacity, headSize]. */
  public Tensor keys(int layer) {
    return keys.get(layer);
  }

  /** Values of {@code layer}, [slots, heads, capacity, headSize]. */
  public Tensor values(int layer) {
    return values.get(layer);
  }

  /** Positions of each slot. */
  public int capacity() {
    return capacity;
  }

  /** Sequences it can hold. */
  public int slots() {
    return lengths.length;
  }

  /** Tokens that {@code slot} holds. */
  public int length(int slot) {
    return lengths[slot];
  }

  /** Says that {@code slot} holds {@code count} more tokens. */
  public void advance(int slot, int count) {
    if (lengths[slot] + count > capacity) {
      throw new IllegalStateException(
          "the KV cache holds " + capacity + " tokens a sequence; " + (lengths[slot] + count) + " are too many");
    }
    lengths[slot] += count;
  }

  /** Forgets all but the first {@code length} tokens of {@code slot}. */
  public void truncate(int slot, int length) {
    if (length < 0 || length > lengths[slot]) {
      throw new IllegalArgumentException("slot " + slot + " holds " + lengths[slot] + " tokens, not " + length);
    }
    lengths[slot] = length;
  }

  @Override
  public void close() {
    keys.forEach(Tensor::close);
    values.forEach(Tensor::close);
  }
}
