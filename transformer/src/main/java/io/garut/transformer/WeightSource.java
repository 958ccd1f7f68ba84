package io.garut.transformer;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;

/**
 * Where a model's weights come from: a checkpoint, or a generator of fresh ones. A model has one constructor for both.
 * Names are the hub's, as {@code gpt_neox.layers.0.attention.dense.weight}.
 */
public interface WeightSource {
  /**
   * The matrix {@code name} [rows, columns], in the type it is stored in.
   *
   * @throws CheckpointException if it is missing or has another shape
   */
  Tensor matrix(String name, long rows, long columns) throws CheckpointException;

  /**
   * The vector {@code name} [length] as F32.
   *
   * @throws CheckpointException if it is missing or has another shape
   */
  Tensor vector(String name, long length) throws CheckpointException;

  /** How the rows of the fused query, key and value projection are ordered. */
  QkvOrder qkvOrder();

  /** Orders of the rows of {@code query_key_value}. */
  enum QkvOrder {
    /** For each head its query, key and value rows: [heads, 3, headSize], as on the hub. */
    PER_HEAD,
    /** All queries, all keys, all values: [3, heads, headSize], as in GGUF files. */
    STACKED
  }
}
