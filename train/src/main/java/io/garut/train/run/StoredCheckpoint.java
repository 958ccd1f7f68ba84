package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepGroup;
import io.garut.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A checkpoint on the disk.
 *
 * @param folder where it lies
 * @param step after how many steps it was made
 */
public record StoredCheckpoint(Path folder, long step) {
  static final String OPTIMIZER = "optimizer.safetensors";
  private static final Pattern OF_RANK = Pattern.compile("optimizer-\\d{5}-of-\\d{5}\\.safetensors");
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
   * Overwrites parameters and memory of {@code trainer}, bit for bit, with those of a {@link Snapshot#withParameters}.
   *
   * @throws CheckpointException naming a tensor, if the checkpoint does not hold just these; nothing is changed then
   */
  public SavedState restoreAdapter(Trainer trainer) throws CheckpointException {
    return restoreParts(trainer);
  }

  /** What a rank of {@code group} writes into: as the hub names parts, {@code optimizer-00001-of-00004.safetensors}. */
  static String optimizerFile(StepGroup group) {
    return group.isSharedOut()
        ? String.format(Locale.ROOT, "optimizer-%05d-of-%05d.safetensors", group.rank() + 1, group.size())
        : OPTIMIZER;
  }

  /** The files of optimizer and parameters in {@code folder}, one or one of each rank. */
  static List<Path> optimizerFiles(Path folder) throws CheckpointException {
    if (Files.exists(folder.resolve(OPTIMIZER))) {
      return List.of(folder.resolve(OPTIMIZER));
    }
    List<Path> files = ofRanks(folder);
    if (files.isEmpty()) {
      throw new CheckpointException(folder, OPTIMIZER, "is missing", "go back to an earlier checkpoint");
    }
    return files;
  }

  private static List<Path> ofRanks(Path folder) throws CheckpointException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> OF_RANK.matcher(file.getFileName().toString()).matches()).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new CheckpointException(folder, "listing", "cannot be read (" + e + ")", "check the path and its disk", e);
    }
  }

  /** Whether {@code folder} is a checkpoint to which ranks wrote their parts, and so no model that others load. */
  public static boolean isInParts(Path folder) throws CheckpointException {
    return Files.exists(folder.resolve(STATE)) && !ofRanks(folder).isEmpty(); // Transformers, too, writes a file of that name
  }

  /** Whether ranks wrote it, each its parts. */
  public boolean isShared() throws CheckpointException {
    return !optimizerFiles(folder).getFirst().endsWith(OPTIMIZER);
  }

  /**
   * Overwrites parameters and memory of {@code trainer}, or this rank's parts of them, bit for bit, whatever number of ranks
   * wrote the checkpoint, and in whatever stage. Every rank reads for itself.
   *
   * @throws CheckpointException naming a tensor, if the checkpoint does not hold just these; nothing is changed then
   */
  public SavedState restoreParts(Trainer trainer) throws CheckpointException {
    SavedState state = state();
    try (PartIndex index = PartIndex.open(folder)) {
      PartReader reader = new PartReader(folder, index, trainer);
      reader.check();
      reader.read();
    }
    trainer.restore(state.trainer(), state.updates());
    return state;
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
