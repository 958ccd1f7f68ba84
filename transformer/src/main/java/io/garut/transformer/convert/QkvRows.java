package io.garut.transformer.convert;

/** Reorders the rows of a fused query, key and value projection: its [3·H·D] rows, of whatever width. */
enum QkvRows {
  /** As they are. */
  AS_THEY_ARE {
    @Override
    long source(long row, long heads, long headSize) {
      return row;
    }
  },
  /** From the hub's [heads, 3, headSize] to GGUF's [3, heads, headSize]. */
  STACKED {
    @Override
    long source(long row, long heads, long headSize) {
      long part = row / (heads * headSize);
      long head = row / headSize % heads;
      return (head * 3 + part) * headSize + row % headSize;
    }
  },
  /** From GGUF's [3, heads, headSize] to the hub's [heads, 3, headSize]. */
  PER_HEAD {
    @Override
    long source(long row, long heads, long headSize) {
      long head = row / (3 * headSize);
      long part = row / headSize % 3;
      return (part * heads + head) * headSize + row % headSize;
    }
  };

  /** Which row of the source becomes {@code row}; runs of {@code headSize} rows stay together. */
  abstract long source(long row, long heads, long headSize);
}
