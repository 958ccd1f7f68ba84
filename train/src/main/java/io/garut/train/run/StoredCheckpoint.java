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
    TensorFile.check(folder, byName);
    SavedState state = restore(trainer, trainer.optimization().state());
    TensorFile.read(folder, byName);
    return state;
  }

  /**
   * Overwrites parameters and memory of {@code trainer}, bit for bit, with those of a {@link Snapshot#ofAdapter}.
   *
   * @throws CheckpointException naming a tensor, if the checkpoint does not hold just these; nothing is changed then
   */
  public SavedState restoreAdapter(Trainer trainer) throws CheckpointException {
    return restore(trainer, Snapshot.withParameters(trainer));
  }

  private SavedState restore(Trainer trainer, Map<String, Tensor> memory) throws CheckpointException {
    SavedState state = state();
    Path file = folder.resolve(OPTIMIZER);
    TensorFile.check(file, memory);
    TensorFile.read(file, memory);
    trainer.restore(state.trainer(), state.updates());
    return state;
  }
}
