package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.TensorSpec;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import io.garut.train.optim.Optimization;
import io.garut.train.optim.Owned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What goes into a checkpoint.
 *
 * @param model its files
 * @param optimizer masters and states, as {@link Optimization#state} names them
 * @param state the numbers beside them
 * @param group the ranks that write it together, each its own {@code optimizer}, the first the rest
 */
public record Snapshot(ModelPart model, Map<String, Tensor> optimizer, SavedState state, StepGroup group) {
  /** Before the name of a parameter that is kept beside the optimizer's memory. */
  static final String PARAMETER = "parameter";

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
    return new Snapshot(model, trainer.optimization().state(), saved(trainer, data, settings), trainer.group());
  }

  /**
   * The same where {@code model} does not hold the parameters bit for bit: these are kept beside the optimizer's memory. An
   * adapter's file may have them in another order or type than memory does; and of several ranks each writes its own parts.
   */
  public static Snapshot withParameters(
      ModelPart model, Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (Optimization.Memory memory : trainer.optimization().memory()) {
      if (isWritten(trainer.group(), memory.owned())) {
        all.put(memory.name(), memory.tensor());
      }
    }
    for (Owned owned : trainer.optimization().parts()) {
      if (isWritten(trainer.group(), owned)) {
        all.put(PARAMETER + "." + owned.label(), owned.part());
      }
    }
    return new Snapshot(model, all, saved(trainer, data, settings), trainer.group());
  }

  /** What is not cut is the same on every rank. */
  private static boolean isWritten(StepGroup group, Owned owned) {
    return group.rank() == 0 || !owned.isWhole();
  }

  private static SavedState saved(Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
    return new SavedState(trainer.state(), trainer.optimization().updates(), data, settings);
  }

  /** What it takes on the disk, in bytes, or a little more. */
  public long bytes() {
    long tensors = TensorFile.specs(optimizer).stream().mapToLong(TensorSpec::byteLength).sum();
    return model.bytes() + tensors * group.size() + SMALL_FILES;
  }

  /** Writes what one rank writes for all. */
  void writeCommon(Path folder) throws IOException {
    model.writeInto(folder);
    Files.writeString(folder.resolve(StoredCheckpoint.STATE), state.toJson());
  }

  /** Writes what this rank has. */
  void writeParts(Path folder) throws IOException {
    TensorFile.write(folder.resolve(StoredCheckpoint.optimizerFile(group)), optimizer);
  }
}
