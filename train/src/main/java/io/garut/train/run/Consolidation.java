package io.garut.train.run;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.WeightNames;
import io.garut.transformer.convert.Converter;
import io.garut.transformer.convert.HubFiles;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.convert.StagedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes a model that Transformers loads of a checkpoint to which several ranks wrote their parts. Takes memory for one weight
 * at a time.
 */
public final class Consolidation {
  private Consolidation() {}

  /**
   * Writes {@code checkpoint}'s model as {@code folder}, which appears when all is written; what was there is replaced.
   *
   * @param dtype of all weights: F32, F16 or BF16
   * @throws CheckpointException if a part is missing, or the folder cannot be written
   * @throws IOException if a file cannot be copied
   */
  public static void write(StoredCheckpoint checkpoint, Path folder, DType dtype) throws IOException {
    NeoXConfig config = ConfigReader.json(checkpoint.folder().resolve("config.json"));
    List<TensorSpec> specs = new ArrayList<>();
    WeightNames.of(config).forEach((name, shape) -> specs.add(new TensorSpec(name, dtype, shape)));
    try (PartIndex index = PartIndex.open(checkpoint.folder());
        StagedFolder staged = StagedFolder.create(folder)) {
      copyOthers(checkpoint.folder(), staged.path());
      HubFiles.writeConfig(config, dtype, staged.path());
      Metadata metadata = Metadata.of(Map.of("format", "pt"));
      try (CheckpointWriter writer =
          CheckpointWriter.shardedSafetensors(staged.path(), specs, metadata, Converter.SHARD_BYTES)) {
        for (TensorSpec spec : specs) {
          write(index, spec, writer);
        }
        writer.commit();
      }
      staged.commit();
    }
  }

  /**
   * Writes what the run in {@code run}, which has come to its end, has trained, as {@code folder}: from memory, or, where ranks
   * wrote parts of it, of its last checkpoint, so that none needs memory for the whole.
   *
   * @param writer of the model
   * @throws IOException if that fails
   */
  public static void write(Path run, ModelWriter writer, Path folder, DType dtype) throws IOException {
    StoredCheckpoint last = Checkpoints.list(run).getLast();
    if (last.isShared()) {
      write(last, folder, dtype);
    } else {
      writer.overwrite(true).dtype(dtype).write(folder); // checkpoints keep vectors in F32, as they are trained
    }
  }

  private static void write(PartIndex index, TensorSpec spec, CheckpointWriter writer) throws CheckpointException {
    String name = Snapshot.PARAMETER + "." + spec.name();
    Shape shape = spec.shape();
    try (TensorScope _ = TensorScope.open()) {
      Tensor stored = Tensor.empty(index.type(name), shape);
      index.check(name, stored.dtype(), shape.elements());
      index.read(name, 0, stored);
      writer.write(spec.name(), stored.cast(spec.dtype()).segment());
    }
  }

  /** Tokenizer and generation settings. */
  private static void copyOthers(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.list(from)) {
      for (Path file : all.filter(each -> isOther(each.getFileName().toString())).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static boolean isOther(String name) {
    boolean own = name.startsWith("optimizer") || name.equals(StoredCheckpoint.STATE) || name.equals(Checksums.NAME);
    return !own && !name.equals("config.json");
  }
}
