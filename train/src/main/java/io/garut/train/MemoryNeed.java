package io.garut.train;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.train.optim.Optimization;
import io.garut.train.optim.Optimizer;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.WeightNames;
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
    long states = Optimization.bytes(optimizer, trained);
    return new MemoryNeed(
        weights, levels(microBatches) * gradient, states, activations(config, tokens, recompute));
  }

  /** The same of a model all of whose weights are trained in {@code dtype}, before it is there. */
  public static MemoryNeed of(
      NeoXConfig config, DType dtype, Optimizer optimizer, int microBatches, long tokens, boolean recompute) {
    long parameters = config.parameters();
    long states = WeightNames.of(config).values().stream().mapToLong(optimizer::stateBytes).sum();
    long masters = dtype == DType.F32 ? 0 : DType.F32.bytes(parameters);
    return new MemoryNeed(
        dtype.bytes(parameters), levels(microBatches) * DType.F32.bytes(parameters), states + masters,
        activations(config, tokens, recompute));
  }

  /** How many sums of a binary tree over micro-batches there are at a time. */
  private static int levels(int microBatches) {
    return microBatches == 1 ? 1 : 33 - Integer.numberOfLeadingZeros(microBatches - 1);
  }

  private static long activations(NeoXConfig config, long tokens, boolean recompute) {
    long block = tokens * FLOAT * (KEPT * config.hiddenSize() + 2L * config.intermediateSize());
    long inputs = tokens * FLOAT * config.hiddenSize();
    long kept = recompute ? config.layers() * inputs + block : config.layers() * block;
    long logits = 2 * tokens * FLOAT * config.vocabularySize(); // and their gradient
    return kept + logits;
  }

  /**
   * What one of {@code ranks} ranks takes of it in {@code stage}.
   *
   * @param onDisk whether what is shared out, and the optimizer's part in any stage, lies on a disk: it is not counted then
   */
  public MemoryNeed sharedOut(ZeroStage stage, int ranks, NeoXConfig config, boolean onDisk) {
    long largest = Math.max((long) config.vocabularySize() * config.hiddenSize(),
        4L * config.hiddenSize() * config.hiddenSize() + 2L * config.hiddenSize() * config.intermediateSize());
    double part = config.parameters() == 0 ? 0 : (double) largest / config.parameters();
    long gathered = ranks == 1 && !onDisk ? 0 : (long) (2 * weights * part); // one region computes while the next arrives
    double kept = onDisk ? 0 : 1.0 / ranks;
    return new MemoryNeed(
        stage.includes(ZeroStage.THREE) ? (long) (kept * weights) + gathered : weights,
        stage.includes(ZeroStage.TWO) ? (long) ((kept + part) * gradients) : gradients, // one matrix or block on its way
        stage.includes(ZeroStage.ONE) ? (long) (kept * optimizer) : onDisk ? 0 : optimizer,
        activations);
  }

  /** What each of {@code ranks} ranks has of it on a disk instead, where it off-loads what {@code stage} shares out. */
  public long onDisk(ZeroStage stage, int ranks) {
    return (stage.includes(ZeroStage.THREE) ? weights / ranks : 0)
        + (stage.includes(ZeroStage.TWO) ? gradients / ranks : 0)
        + (stage.includes(ZeroStage.ONE) ? optimizer / ranks : optimizer);
  }

  /** All of it. */
  public long total() {
    return weights + gradients + optimizer + activations;
  }
}
