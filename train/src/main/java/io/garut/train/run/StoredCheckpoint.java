package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.Trainer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint on the disk.
 *
 * @param folder where it lies
 * @param step after how many steps it was made
 */
public record StoredCheckpoint(Path folder, long step) {
  static final String OPTIMIZER = "optimizer.safetensors";
  static final String STATE = "trainer_state.json";

  /**
   * The numbers beside the tensors.
   *
   * @throws CheckpointException if they cannot be read
   */
  public SavedState state() throws CheckpointException {
    return SavedState.read(folder.resolve(STATE));
  }

  /**
   * Overwrites {@code weights}, those of the whole model, and the memory of {@code trainer}, bit for bit.
   *
   * @throws CheckpointException naming a tensor, if the checkpoint does not hold just these; nothing is changed then
   */
  public SavedState restore(List<Tensor> weights, Trainer trainer) throws CheckpointException {
    Map<String, Tensor> byName = new LinkedHashMap<>();
    weights.forEach(weight -> byName.put(weight.name(), weight));
    return restore(folder, byName, trainer);
  }

  /**
   * The same with tensors that do not lie in the model's own file, as those of an adapter.
   *
   * @param file the safetensors file that holds them, in {@link #folder}
   * @param tensors all that it holds, by the names that they have in it
   */
  public SavedState restore(Path file, Map<String, Tensor> tensors, Trainer trainer) throws CheckpointException {
    SavedState state = state();
    Map<String, Tensor> memory = trainer.optimization().state();
    TensorFile.check(file, tensors);
    TensorFile.check(folder.resolve(OPTIMIZER), memory);
    TensorFile.read(file, tensors);
    TensorFile.read(folder.resolve(OPTIMIZER), memory);
    trainer.restore(state.trainer(), state.updates());
    return state;
  }
}
