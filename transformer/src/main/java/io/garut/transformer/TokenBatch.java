package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;

/**
 * Tokens of one or several sequences, one after another, as tensors [T] I32 whose contents may change between replays
 * of a plan.
 *
 * <p>With a cache each token has its sequence's slot and its position there; without one, the index in this batch of
 * the first token that it may see.
 */
public final class TokenBatch implements AutoCloseable {
  private final Tensor ids;
  private final Tensor positions;
  private final Tensor slotsOrStarts;
  private final boolean cached;
  private final int[] places; // the positions, for the host
  private final int[] lengths;
  private DynamicAngles.Rows rows;
  private int longest;

  private TokenBatch(int tokens, boolean cached) {
    this.ids = Tensor.empty(DType.I32, Shape.of(tokens)).keep();
    this.positions = Tensor.empty(DType.I32, Shape.of(tokens)).keep();
    this.slotsOrStarts = Tensor.empty(DType.I32, Shape.of(tokens)).keep();
    this.cached = cached;
    this.places = new int[tokens];
    this.lengths = new int[tokens];
  }

  /** {@code tokens} tokens for a cache, to be {@link #set}. */
  public static TokenBatch cached(int tokens) {
    return new TokenBatch(tokens, true);
  }

  /** Whole sequences without a cache, each by itself. */
  public static TokenBatch sequences(int[]... sequences) {
    int total = 0;
    for (int[] sequence : sequences) {
      total = Math.addExact(total, sequence.length);
    }
    int[] ids = new int[total];
    int[] positions = new int[total];
    int[] starts = new int[total];
    int at = 0;
    for (int[] sequence : sequences) {
      int start = at;
      for (int i = 0; i < sequence.length; i++, at++) {
        ids[at] = sequence[i];
        positions[at] = i;
        starts[at] = start;
      }
    }
    TokenBatch batch = new TokenBatch(total, false);
    batch.set(ids, positions, starts);
    return batch;
  }

  /** Overwrites all tokens, in place: ids, positions, and slots (with a cache) or starts (without). */
  public void set(int[] newIds, int[] newPositions, int[] newSlotsOrStarts) {
    set(newIds, newPositions, newSlotsOrStarts, 0);
  }

  /**
   * Overwrites all tokens, where more of their sequence may follow in other batches.
   *
   * @param length tokens that each sequence will have at least
   */
  public void set(int[] newIds, int[] newPositions, int[] newSlotsOrStarts, int length) {
    int count = size();
    ids.set(newIds, count);
    positions.set(newPositions, count);
    slotsOrStarts.set(newSlotsOrStarts, count);
    System.arraycopy(newPositions, 0, places, 0, count);
    longest = 0;
    // backwards, as a sequence's tokens come in order: the last one tells how long it is
    for (int i = count - 1; i >= 0; i--) {
      boolean last = i == count - 1 || newSlotsOrStarts[i] != newSlotsOrStarts[i + 1];
      lengths[i] = last ? Math.max(length, newPositions[i] + 1) : lengths[i + 1];
      longest = Math.max(longest, lengths[i]);
    }
  }

  /** Tokens at hand: T. */
  public int size() {
    return places.length;
  }

  /** Where token {@code i} stands in its sequence. */
  int position(int i) {
    return places[i];
  }

  /** How many tokens the sequence of token {@code i} has, as far as is known. */
  int length(int i) {
    return lengths[i];
  }

  /** A table of angles for these tokens alone, [T, width]; closed with this. */
  DynamicAngles.Rows rows(int width) {
    if (rows == null) {
      rows = DynamicAngles.Rows.of(size(), width);
    }
    return rows;
  }

  /** The length of the longest sequence. */
  public int longest() {
    return longest;
  }

  /** Token ids [T]. */
  public Tensor ids() {
    return ids;
  }

  /** Where each token stands in its sequence, [T]. */
  public Tensor positions() {
    return positions;
  }

  /** The cache slot of each token, [T]. */
  public Tensor slots() {
    if (!cached) {
      throw new IllegalStateException("a batch of whole sequences has no cache slots; make it with TokenBatch.cached");
    }
    return slotsOrStarts;
  }

  /** The first token of this batch that each token sees, [T]. */
  public Tensor starts() {
    if (cached) {
      throw new IllegalStateException("a batch for a cache has no starts; make it with TokenBatch.sequences");
    }
    return slotsOrStarts;
  }

  @Override
  public void close() {
    ids.close();
    positions.close();
    slotsOrStarts.close();
    if (rows != null) {
      rows.close();
    }
  }
}
