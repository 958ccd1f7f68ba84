package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.DiskSpace;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.transformer.ModelFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes a model that Garut can read in another form: as a Hugging Face folder with safetensors, or as a GGUF file laid
 * out as llama.cpp's converter does it. Immutable: each setting returns a changed copy.
 *
 * <p>Weights go through memory one by one, so that a model of any size takes the memory of its largest. The target
 * appears when all is written; after a failure there is nothing but what was there before.
 *
 * <pre>{@code
 * Converter.of(Path.of("dolly-v2-3b")).type(DType.F16).toGguf(Path.of("dolly-v2-3b-f16.gguf"));
 * }</pre>
 */
public final class Converter {
  /** The largest safetensors file that is written, in bytes, as Hugging Face's libraries have it. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  private final Path model;
  private final WeightTypes types;
  private final long shardBytes;
  private final boolean overwrite;
  private final ConversionListener listener;

  private Converter(
      Path model, WeightTypes types, long shardBytes, boolean overwrite, ConversionListener listener) {
    this.model = Objects.requireNonNull(model, "model");
    this.types = types;
    this.shardBytes = shardBytes;
    this.overwrite = overwrite;
    this.listener = Objects.requireNonNull(listener, "listener");
  }

  /** A converter for the model at {@code model}, a Hugging Face folder or a GGUF file, that keeps all types. */
  public static Converter of(Path model) {
    return new Converter(model, WeightTypes.KEEP, SHARD_BYTES, false, (weight, done, total) -> {});
  }

  /**
   * With the matrices in {@code type}: F32, F16 or BF16, in GGUF also Q8_0 or Q4_0. In a Hugging Face folder all
   * weights have it, in GGUF vectors are F32. Matrices whose rows are not whole blocks become F16.
   *
   * @throws IllegalArgumentException if no weight is written in that type
   */
  public Converter type(DType type) {
    checkType(type);
    return types(new WeightTypes(Optional.of(type), types.embedding(), types.head()));
  }

  static void checkType(DType type) {
    if (!EnumSet.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0).contains(type)) {
      throw new IllegalArgumentException("weights are written as F32, F16, BF16, Q8_0 or Q4_0, not " + type);
    }
  }

  Converter types(WeightTypes changed) {
    return new Converter(model, changed, shardBytes, overwrite, listener);
  }

  /** With safetensors files of at most {@code bytes} bytes of weights; {@link #SHARD_BYTES} unless set. */
  public Converter shardBytes(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a shard must hold a byte, not " + bytes);
    }
    return new Converter(model, types, bytes, overwrite, listener);
  }

  /** Whether a target that is there already may be replaced; not unless set. */
  public Converter overwrite(boolean allowed) {
    return new Converter(model, types, shardBytes, allowed, listener);
  }

  /** With {@code heard} hearing how it gets on. */
  public Converter listener(ConversionListener heard) {
    return new Converter(model, types, shardBytes, overwrite, heard);
  }

  /**
   * Writes a GGUF file.
   *
   * <p>llama.cpp insists on a head and on biases: a model whose embedding serves as head gets a copy of it, one without
   * attention biases gets zeros, which change nothing.
   *
   * @throws CheckpointException if the model is damaged, a number does not fit into its type, or {@code file} is there
   *     already or cannot be written
   * @throws IOException if a file of the model cannot be read
   * @throws java.util.concurrent.CancellationException if the listener ended it
   */
  public Conversion toGguf(Path file) throws IOException {
    try (ModelFiles files = ModelFiles.open(model)) {
      Target.checkFile(file, files, overwrite);
      ConversionPlan plan = ConversionPlan.gguf(files, types);
      DiskSpace.require(file, plan.bytes());
      Metadata metadata = GgufMetadata.of(files, plan.mainType());
      try (CheckpointWriter writer = CheckpointWriter.gguf(file, plan.specs(), metadata)) {
        copyAll(files, plan, writer);
        writer.commit();
      }
      return new Conversion(file, plan.copies().size(), plan.bytes(), plan.notes());
    }
  }

  /**
   * Writes a folder as Hugging Face's libraries do: config.json, model.safetensors or its shards with their index, and
   * what belongs to the tokenizer.
   *
   * @throws CheckpointException if the model is damaged, a number does not fit into its type, or {@code folder} is
   *     there already or cannot be written
   * @throws IllegalArgumentException if a block format was asked for, which safetensors has none of
   * @throws IOException if a file of the model cannot be read
   * @throws java.util.concurrent.CancellationException if the listener ended it
   */
  public Conversion toFolder(Path folder) throws IOException {
    if (types.matrices().map(DType::isBlock).orElse(false)) {
      throw new IllegalArgumentException(
          "safetensors has no " + types.matrices().get() + "; write a GGUF file, or choose F32, F16 or BF16");
    }
    try (ModelFiles files = ModelFiles.open(model)) {
      Target.checkFolder(folder, files, overwrite);
      ConversionPlan plan = ConversionPlan.hub(files, types);
      DiskSpace.require(folder, plan.bytes());
      try (StagedFolder staged = StagedFolder.create(folder)) {
        HubFiles.write(files, plan.commonType(), staged.path());
        Metadata metadata = Metadata.of(Map.of("format", "pt")); // Transformers insists on it
        try (CheckpointWriter writer =
            CheckpointWriter.shardedSafetensors(staged.path(), plan.specs(), metadata, shardBytes)) {
          copyAll(files, plan, writer);
          writer.commit();
        }
        staged.commit();
      }
      return new Conversion(folder, plan.copies().size(), plan.bytes(), plan.notes());
    }
  }

  private void copyAll(ModelFiles files, ConversionPlan plan, CheckpointWriter writer) throws IOException {
    long total = plan.bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(plan.largestMade(), Long.BYTES);
      long done = 0;
      for (WeightCopy copy : plan.copies()) {
        TensorSpec target = copy.target();
        listener.progress(target.name(), done, total);
        if (copy.source() == null) {
          MemorySegment zeros = buffer.asSlice(0, target.byteLength());
          copy.run(MemorySegment.NULL, zeros, listener);
          writer.write(target.name(), zeros);
        } else {
          try (Mapped mapped = files.checkpoint().map(copy.source().name())) {
            MemorySegment made = copy.isVerbatim() ? mapped.segment() : buffer.asSlice(0, target.byteLength());
            copy.run(mapped.segment(), made, listener);
            writer.write(target.name(), made);
          }
        }
        done += target.byteLength();
      }
      listener.progress("", done, total);
    }
  }
}
