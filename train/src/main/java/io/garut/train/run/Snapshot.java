package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.TensorSpec;
import io.garut.train.Trainer;
import java.util.Map;

/**
 * What goes into a checkpoint.
 *
 * @param model its files
 * @param optimizer masters and states, as {@link io.garut.train.optim.Optimization#state} names them
 * @param state the numbers beside them
 */
public record Snapshot(ModelPart model, Map<String, Tensor> optimizer, SavedState state) {
  /** Room for configuration, tokenizer and headers. */
  private static final long SMALL_FILES = 16 << 20;

  /**
   * Of {@code trainer} as it stands now.
   *
   * @param data where in its data the run stands
   * @param settings those of the run
   */
  public static Snapshot of(
      ModelPart model, Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
    long updates = trainer.optimization().updates();
    return new Snapshot(
        model, trainer.optimization().state(), new SavedState(trainer.state(), updates, data, settings));
  }

  /** What it takes on the disk, in bytes, or a little more. */
  public long bytes() {
    long tensors = TensorFile.specs(optimizer).stream().mapToLong(TensorSpec::byteLength).sum();
    return model.bytes() + tensors + SMALL_FILES;
  }
}
