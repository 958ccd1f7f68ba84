package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.TensorSpec;
import io.garut.train.Trainer;
import java.util.LinkedHashMap;
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

  /**
   * The same of an adapter: its file may hold the parameters in another order or type than memory does, so they are kept
   * beside the optimizer's memory as well.
   */
  public static Snapshot ofAdapter(
      ModelPart adapter, Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
    Snapshot snapshot = of(adapter, trainer, data, settings);
    return new Snapshot(adapter, withParameters(trainer), snapshot.state);
  }

  /** The optimizer's memory, and the parameters as {@code parameter.} and their names. */
  static Map<String, Tensor> withParameters(Trainer trainer) {
    Map<String, Tensor> all = new LinkedHashMap<>(trainer.optimization().state());
    trainer.parameters().forEach(parameter -> all.put("parameter." + parameter.name(), parameter));
    return all;
  }

  /** What it takes on the disk, in bytes, or a little more. */
  public long bytes() {
    long tensors = TensorFile.specs(optimizer).stream().mapToLong(TensorSpec::byteLength).sum();
    return model.bytes() + tensors + SMALL_FILES;
  }
}
