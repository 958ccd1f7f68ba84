package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Format;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Weights of a checkpoint in the hub's names or in GGUF's; matrices stay in the file's memory map. */
public final class CheckpointWeights implements WeightSource {
  private static final Pattern ANY_LAYER = Pattern.compile("(?:gpt_neox\\.layers|blk)\\.(\\d{1,9})\\..+");

  private final Checkpoint checkpoint;

  /** The weights of {@code checkpoint}, which the caller closes. */
  public CheckpointWeights(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /**
   * Checks that the checkpoint holds every weight of {@code config}, in its shape, and no layers beyond: those would be
   * left out silently. No weight is looked at.
   *
   * @throws CheckpointException naming the first that does not fit
   */
  public void check(NeoXConfig config) throws CheckpointException {
    String remedy = "configuration and weights are of different models";
    int layers = config.layers();
    for (String name : checkpoint.names()) {
      Matcher matcher = ANY_LAYER.matcher(name);
      if (matcher.matches() && Integer.parseInt(matcher.group(1)) >= layers) {
        String what = "is a layer beyond the " + layers + " of the configuration";
        throw new CheckpointException(checkpoint.source(), name, what, remedy);
      }
    }
    if (layers > checkpoint.names().size()) { // before their names are listed: a lying number may be large
      String what = "holds " + checkpoint.names().size() + " weights, the configuration has " + layers + " layers";
      throw new CheckpointException(checkpoint.source(), "weights", what, remedy);
    }
    for (Map.Entry<String, Shape> weight : WeightNames.of(config).entrySet()) {
      entry(weight.getKey(), weight.getValue());
    }
  }

  @Override
  public QkvOrder qkvOrder() {
    return checkpoint.format() == Format.GGUF ? QkvOrder.STACKED : QkvOrder.PER_HEAD;
  }

  @Override
  public Tensor matrix(String name, long rows, long columns) throws CheckpointException {
    Tensor mapped = map(name, Shape.of(rows, columns));
    return mapped.dtype() == DType.F64 ? converted(mapped, DType.F32) : mapped;
  }

  @Override
  public Tensor vector(String name, long length) throws CheckpointException {
    Tensor mapped = map(name, Shape.of(length));
    return mapped.dtype() == DType.F32 ? mapped : converted(mapped, DType.F32);
  }

  private static Tensor converted(Tensor mapped, DType dtype) {
    try (mapped;
        Tensor cast = mapped.cast(dtype)) {
      return cast.named(mapped.name()).keep();
    }
  }

  private Tensor map(String name, Shape shape) throws CheckpointException {
    Entry entry = entry(name, shape);
    Mapped mapped = checkpoint.map(entry.name());
    Spec spec = new Spec(entry.dtype().orElseThrow(), shape, name);
    return Tensor.wrap(spec, HostStorage.of(mapped.segment(), mapped::close), 0).keep();
  }

  /**
   * What the checkpoint says about the weight that the hub calls {@code name}.
   *
   * @throws CheckpointException if it is missing, has another shape, or holds no floating-point numbers
   */
  public Entry entry(String name, Shape shape) throws CheckpointException {
    String stored = stored(name);
    Entry entry = checkpoint.entry(stored);
    if (!entry.shape().equals(shape)) {
      throw new CheckpointException(
          entry.file(),
          stored,
          "has the shape " + entry.shape() + ", the configuration makes it " + shape,
          "configuration and weights are of different models");
    }
    Optional<DType> type = entry.dtype();
    if (type.isEmpty() || !type.get().isFloat() && !type.get().isBlock()) {
      String what = "has the type " + entry.type();
      throw new CheckpointException(entry.file(), stored, what, "a weight must be floating-point");
    }
    return entry;
  }

  private String stored(String name) {
    if (checkpoint.format() == Format.GGUF) {
      return WeightNames.gguf(name);
    }
    // Transformers 5 calls the head lm_head in memory; a file saved by it may, too
    String other = name.replace("embed_out.", "lm_head.");
    return !checkpoint.names().contains(name) && checkpoint.names().contains(other) ? other : name;
  }
}
