package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.TensorSpec;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.WeightNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What becomes of each weight of a model.
 *
 * @param copies in the order in which they are written
 * @param notes what the user should know
 */
record ConversionPlan(List<WeightCopy> copies, List<String> notes) {
  /**
   * For a GGUF file.
   *
   * @throws CheckpointException if a weight is missing or has another shape
   */
  static ConversionPlan gguf(ModelFiles files, WeightTypes types) throws CheckpointException {
    NeoXConfig config = files.config();
    List<WeightCopy> copies = new ArrayList<>();
    List<String> notes = notes(files);
    for (Map.Entry<String, Shape> weight : WeightNames.of(complete(config)).entrySet()) {
      String name = weight.getKey();
      Shape shape = weight.getValue();
      Entry source = source(files, name, shape);
      DType type = DType.F32; // of all vectors
      if (shape.rank() == 2) {
        DType stored = source.dtype().orElseThrow();
        DType wanted = types.wanted(name, stored);
        type = types.gguf(name, shape, stored);
        if (type != wanted) {
          String why = "its rows of " + shape.last() + " elements are no whole blocks of " + wanted;
          notes.add(WeightNames.gguf(name) + " is " + type + ": " + why + ".");
        }
      }
      QkvRows rows = isQkv(name) && !files.isGguf() ? QkvRows.STACKED : QkvRows.AS_THEY_ARE;
      copies.add(new WeightCopy(new TensorSpec(WeightNames.gguf(name), type, shape), source, rows, config.heads()));
    }
    return new ConversionPlan(copies, notes);
  }

  /** The configuration of the same model with a head, and attention biases, of its own. */
  private static NeoXConfig complete(NeoXConfig config) {
    return new NeoXConfig(
        config.vocabularySize(),
        config.hiddenSize(),
        config.layers(),
        config.heads(),
        config.intermediateSize(),
        config.activation(),
        config.rotary(),
        config.maxPositions(),
        config.layerNormEpsilon(),
        config.parallelResidual(),
        true,
        false,
        config.bosTokenId(),
        config.eosTokenIds());
  }

  /** Where {@code name} lies; null where it is a bias that the model has not. */
  private static Entry source(ModelFiles files, String name, Shape shape) throws CheckpointException {
    NeoXConfig config = files.config();
    if (name.equals(WeightNames.HEAD) && config.tiedEmbeddings()) {
      return files.weights().entry(WeightNames.EMBEDDING, shape);
    }
    boolean absent = !config.attentionBias() && name.contains(".attention.") && name.endsWith(".bias");
    return absent ? null : files.weights().entry(name, shape);
  }

  /**
   * For a Hugging Face folder.
   *
   * @throws CheckpointException if a weight is missing or has another shape
   */
  static ConversionPlan hub(ModelFiles files, WeightTypes types) throws CheckpointException {
    NeoXConfig config = files.config();
    List<WeightCopy> copies = new ArrayList<>();
    for (Map.Entry<String, Shape> weight : WeightNames.of(config).entrySet()) {
      Entry source = files.weights().entry(weight.getKey(), weight.getValue());
      DType type = types.matrices().orElse(plain(source.dtype().orElseThrow()));
      QkvRows rows = isQkv(weight.getKey()) && files.isGguf() ? QkvRows.PER_HEAD : QkvRows.AS_THEY_ARE;
      TensorSpec target = new TensorSpec(weight.getKey(), type, weight.getValue());
      copies.add(new WeightCopy(target, source, rows, config.heads()));
    }
    ConversionPlan plan = new ConversionPlan(copies, notes(files));
    return files.isGguf() && types.matrices().isEmpty() ? plan.narrowed(files) : plan;
  }

  private static DType plain(DType stored) {
    return switch (stored) {
      case F32, F16, BF16 -> stored;
      case F64, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> DType.F32; // F16 would lose bits of most
      case I64, I32, BOOL -> throw new IllegalArgumentException("a weight cannot be " + stored);
    };
  }

  /** With the vectors, which GGUF has in F32, in the type of the matrices where that loses nothing. */
  private ConversionPlan narrowed(ModelFiles files) throws CheckpointException {
    DType main = mainType();
    List<WeightCopy> changed = new ArrayList<>();
    for (WeightCopy copy : copies) {
      TensorSpec target = copy.target();
      boolean exact = target.shape().rank() == 1 && main != target.dtype();
      if (exact) {
        try (Mapped mapped = files.checkpoint().map(copy.source().name())) {
          exact = copy.isExactIn(main, mapped.segment());
        }
      }
      TensorSpec narrow = exact ? new TensorSpec(target.name(), main, target.shape()) : target;
      changed.add(new WeightCopy(narrow, copy.source(), copy.rows(), copy.heads()));
    }
    return new ConversionPlan(changed, notes);
  }

  private static List<String> notes(ModelFiles files) {
    List<String> notes = new ArrayList<>();
    if (!files.hasTokenizer()) {
      notes.add("The model came without a tokenizer, and so does its copy.");
    }
    return notes;
  }

  private static boolean isQkv(String name) {
    return name.contains(WeightNames.QKV);
  }

  /** What the new file holds. */
  List<TensorSpec> specs() {
    return copies.stream().map(WeightCopy::target).toList();
  }

  /** Bytes of all weights. */
  long bytes() {
    return specs().stream().mapToLong(TensorSpec::byteLength).sum();
  }

  /** Bytes of the largest weight that must be made in memory. */
  long largestMade() {
    return copies.stream().filter(copy -> !copy.isVerbatim()).mapToLong(c -> c.target().byteLength()).max().orElse(0);
  }

  /** The type that most elements of the matrices have. */
  DType mainType() {
    long[] elements = new long[DType.values().length];
    DType main = DType.F32;
    for (TensorSpec spec : specs()) {
      if (spec.shape().rank() == 2) {
        elements[spec.dtype().ordinal()] += spec.shape().elements();
        main = elements[spec.dtype().ordinal()] > elements[main.ordinal()] ? spec.dtype() : main;
      }
    }
    return main;
  }

  /** The type of all weights, or F32, which holds what the others hold. */
  DType commonType() {
    DType main = mainType();
    return specs().stream().allMatch(spec -> spec.dtype() == main) ? main : DType.F32;
  }
}
