package io.garut.train;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.train.optim.Optimization;
import io.garut.train.optim.Optimizer;
import io.garut.transformer.NeoXConfig;
import java.util.Collection;
import java.util.List;

/**
 * The memory that a training takes, in bytes, before it begins.
 *
 * @param weights the model
 * @param gradients of what is trained, F32, once for each level of the tree over micro-batches
 * @param optimizer states and masters
 * @param activations what the way back needs of the largest micro-batch
 */
public record MemoryNeed(long weights, long gradients, long optimizer, long activations) {
  private static final long FLOAT = Float.BYTES;

  /** What a block keeps of a token, in multiples of the hidden size, without its feed-forward part. */
  private static final long KEPT = 7; // input, two normed inputs, q, k, v, what was attended

  /**
   * Estimates it.
   *
   * @param model all weights
   * @param trained those that learn
   * @param microBatches how many a step adds up
   * @param tokens of the largest micro-batch
   * @param recompute whether blocks are computed again
   */
  public static MemoryNeed of(
      NeoXConfig config,
      Collection<Tensor> model,
      List<Tensor> trained,
      Optimizer optimizer,
      int microBatches,
      long tokens,
      boolean recompute) {
    long weights = model.stream().mapToLong(weight -> weight.spec().bytes()).sum();
    long gradient = trained.stream().mapToLong(weight -> DType.F32.bytes(weight.elements())).sum();
    int levels = microBatches == 1 ? 1 : 33 - Integer.numberOfLeadingZeros(microBatches - 1); // of the tree, at a time
    long block = tokens * FLOAT * (KEPT * config.hiddenSize() + 2L * config.intermediateSize());
    long inputs = tokens * FLOAT * config.hiddenSize();
    long kept = recompute ? config.layers() * inputs + block : config.layers() * block;
    long logits = 2 * tokens * FLOAT * config.vocabularySize(); // and their gradient
    return new MemoryNeed(weights, levels * gradient, Optimization.bytes(optimizer, trained), kept + logits);
  }

  /** All of it. */
  public long total() {
    return weights + gradients + optimizer + activations;
  }
}
