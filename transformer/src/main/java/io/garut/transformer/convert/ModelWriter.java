package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.DiskSpace;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.WeightNames;
import io.garut.transformer.WeightSource.QkvOrder;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a model that is in memory as a Hugging Face folder, which Transformers and Garut load: config.json,
 * model.safetensors or its shards with their index, and what belongs to the tokenizer. Immutable: each setting returns a
 * changed copy.
 *
 * <p>Weights go to the file one by one, from where they lie; a weight that changes its type takes memory for itself.
 *
 * <pre>{@code
 * try (GptNeoX model = GptNeoX.trainable(Path.of("pythia-70m"), DType.F32)) {
 *   …
 *   ModelWriter.of(model).filesOf(Path.of("pythia-70m")).write(Path.of("pythia-70m-tuned"));
 * }
 * }</pre>
 */
public final class ModelWriter {
  private static final long MOST_CONFIG_BYTES = 1 << 20;

  private final GptNeoX model;
  private final Optional<DType> dtype;
  private final Optional<Path> source;
  private final Optional<ByteLevelBpe> tokenizer;
  private final long shardBytes;
  private final boolean overwrite;

  private ModelWriter(
      GptNeoX model,
      Optional<DType> dtype,
      Optional<Path> source,
      Optional<ByteLevelBpe> tokenizer,
      long shardBytes,
      boolean overwrite) {
    this.model = Objects.requireNonNull(model, "model");
    this.dtype = dtype;
    this.source = source;
    this.tokenizer = tokenizer;
    this.shardBytes = shardBytes;
    this.overwrite = overwrite;
  }

  /** A writer of {@code model} that keeps the type of each weight, and writes the model's own tokenizer if it has one. */
  public static ModelWriter of(GptNeoX model) {
    return new ModelWriter(
        model, Optional.empty(), Optional.empty(), Optional.empty(), Converter.SHARD_BYTES, false);
  }

  /**
   * With all weights as {@code type}: F32, F16 or BF16.
   *
   * @throws IllegalArgumentException if it is another one
   */
  public ModelWriter dtype(DType type) {
    if (type != DType.F32 && type != DType.F16 && type != DType.BF16) {
      throw new IllegalArgumentException("a Hugging Face folder holds F32, F16 or BF16, not " + type);
    }
    return new ModelWriter(model, Optional.of(type), source, tokenizer, shardBytes, overwrite);
  }

  /**
   * With the tokenizer's files and generation_config.json taken from {@code origin}, the folder or GGUF file that the model
   * came from. That must be there still when the model is written.
   */
  public ModelWriter filesOf(Path origin) {
    return new ModelWriter(model, dtype, Optional.of(origin), tokenizer, shardBytes, overwrite);
  }

  /** With the files of {@code changed}, whatever the model came with. */
  public ModelWriter tokenizer(ByteLevelBpe changed) {
    return new ModelWriter(model, dtype, source, Optional.of(changed), shardBytes, overwrite);
  }

  /** With safetensors files of at most {@code bytes} bytes of weights; {@link Converter#SHARD_BYTES} unless set. */
  public ModelWriter shardBytes(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a shard must hold a byte, not " + bytes);
    }
    return new ModelWriter(model, dtype, source, tokenizer, bytes, overwrite);
  }

  /** Whether a folder that holds a model already may be written over by {@link #write}; not unless set. */
  public ModelWriter overwrite(boolean allowed) {
    return new ModelWriter(model, dtype, source, tokenizer, shardBytes, allowed);
  }

  /** What the files take on the disk, in bytes, or a little less. */
  public long bytes() {
    return specs().stream().mapToLong(TensorSpec::byteLength).sum();
  }

  /**
   * Writes the model as {@code folder}, which appears when all is written; after a failure there is nothing but what was
   * there before.
   *
   * @throws CheckpointException if a weight is not finite or too large for the type asked for, or {@code folder} is there
   *     already or cannot be written
   * @throws IllegalArgumentException if a weight is in a block format and no type was asked for
   * @throws IllegalStateException if the model has been prepared for generating, so that its weights are re-packed, or has an
   *     adapter
   * @throws IOException if a file of the model's origin cannot be read
   */
  public void write(Path folder) throws IOException {
    Target.checkFolder(folder, overwrite);
    DiskSpace.require(folder, bytes() + MOST_CONFIG_BYTES);
    try (StagedFolder staged = StagedFolder.create(folder)) {
      writeInto(staged.path());
      staged.commit();
    }
  }

  /**
   * Writes the model's files into {@code folder}, which is there and holds none of them. After a failure some may be there.
   * For those who make a folder appear themselves.
   *
   * @throws IOException as {@link #write} has it
   */
  public void writeInto(Path folder) throws IOException {
    if (model.qkvOrder() != QkvOrder.PER_HEAD) {
      throw new IllegalStateException(
          "the model lies in memory as a GGUF file has it; convert the file (Converter), or load it with GptNeoX.trainable");
    }
    describeInto(folder);
    List<TensorSpec> specs = specs();
    Metadata metadata = Metadata.of(Map.of("format", "pt")); // Transformers insists on it
    try (CheckpointWriter writer = CheckpointWriter.shardedSafetensors(folder, specs, metadata, shardBytes)) {
      List<Tensor> weights = model.weights();
      for (int i = 0; i < weights.size(); i++) {
        write(weights.get(i), specs.get(i), folder, writer);
      }
      writer.commit();
    }
  }

  /**
   * Writes all files but those of the weights, as {@link #writeInto} does.
   *
   * @throws IOException as {@link #write} has it
   */
  public void describeInto(Path folder) throws IOException {
    List<TensorSpec> specs = specs();
    requireOwnWeights(specs);
    HubFiles.writeConfig(model.config(), commonType(specs), folder);
    writeTokenizer(folder);
  }

  private List<TensorSpec> specs() {
    List<TensorSpec> specs = new ArrayList<>();
    for (Tensor weight : model.weights()) {
      specs.add(new TensorSpec(weight.name(), dtype.orElse(weight.dtype()), weight.shape()));
    }
    return specs;
  }

  /** An adapter's matrices are no part of the model. */
  private void requireOwnWeights(List<TensorSpec> specs) {
    Set<String> names = WeightNames.of(model.config()).keySet();
    for (TensorSpec spec : specs) {
      if (!names.contains(spec.name())) {
        throw new IllegalStateException(
            "'" + spec.name() + "' is no weight of a GPT-NeoX model; merge the adapter, or write that alone");
      }
    }
  }

  /** What Transformers shall load them as: their type, or, where they differ, the one that holds all. */
  private static DType commonType(List<TensorSpec> specs) {
    DType first = specs.getFirst().dtype();
    return specs.stream().allMatch(spec -> spec.dtype() == first) ? first : DType.F32;
  }

  private void write(Tensor weight, TensorSpec spec, Path folder, CheckpointWriter writer) throws CheckpointException {
    MemorySegment data = weight.segment();
    requireFinite(weight, folder);
    if (weight.dtype() == spec.dtype()) {
      writer.write(spec.name(), data);
      return;
    }
    Entry entry = new Entry(spec.name(), weight.dtype().name(), spec.shape(), folder, 0, data.byteSize());
    WeightCopy copy = new WeightCopy(spec, entry, QkvRows.AS_THEY_ARE, model.config().heads());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment made = arena.allocate(spec.byteLength(), Long.BYTES);
      copy.run(data, made, (name, done, total) -> {});
      writer.write(spec.name(), made);
    }
  }

  private static void requireFinite(Tensor weight, Path folder) throws CheckpointException {
    try {
      weight.requireFinite();
    } catch (NonFiniteException e) {
      throw new CheckpointWriteException(folder, e.getMessage(), "go back to weights that were finite", e);
    }
  }

  private void writeTokenizer(Path folder) throws IOException {
    Optional<ByteLevelBpe> chosen = tokenizer.or(() -> source.isPresent() ? Optional.empty() : own());
    if (source.isPresent()) {
      try (ModelFiles files = ModelFiles.open(source.get())) {
        if (chosen.isPresent()) {
          HubFiles.copyGeneration(files, folder);
        } else {
          HubFiles.copyOthers(files, folder);
        }
      }
    }
    if (chosen.isPresent()) {
      HubFiles.writeTokenizer(model.config(), chosen.get(), chosen.get().toJson(), folder);
    }
  }

  private Optional<ByteLevelBpe> own() {
    return model.tokenizer().filter(ByteLevelBpe.class::isInstance).map(ByteLevelBpe.class::cast);
  }
}
