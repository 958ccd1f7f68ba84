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
final class CheckpointWeights implements WeightSource {
  /** The hub's name of each part of a block, and GGUF's. */
  private static final Map<String, String> BLOCK =
      Map.of(
          "input_layernorm", "attn_norm",
          "post_attention_layernorm", "ffn_norm",
          "attention.query_key_value", "attn_qkv",
          "attention.dense", "attn_output",
          "mlp.dense_h_to_4h", "ffn_up",
          "mlp.dense_4h_to_h", "ffn_down");

  /** The hub's name of each part outside the blocks, and GGUF's. */
  private static final Map<String, String> OUTSIDE =
      Map.of(
          "gpt_neox.embed_in", "token_embd",
          "gpt_neox.final_layer_norm", "output_norm",
          "embed_out", "output");

  private static final Pattern LAYER = Pattern.compile("gpt_neox\\.layers\\.(\\d+)\\.(.+)\\.(weight|bias)");
  private static final Pattern ANY_LAYER = Pattern.compile("(?:gpt_neox\\.layers|blk)\\.(\\d{1,9})\\..+");

  private final Checkpoint checkpoint;

  CheckpointWeights(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** GGUF's name for the hub's {@code name}. */
  static String ggufName(String name) {
    Matcher layer = LAYER.matcher(name);
    if (layer.matches() && BLOCK.containsKey(layer.group(2))) {
      return "blk." + layer.group(1) + "." + BLOCK.get(layer.group(2)) + "." + layer.group(3);
    }
    int dot = name.lastIndexOf('.');
    String part = OUTSIDE.get(name.substring(0, dot));
    if (part == null) {
      throw new IllegalArgumentException("GGUF has no name for '" + name + "'");
    }
    return part + name.substring(dot);
  }

  /**
   * Checks that the checkpoint has no layers beyond those of the configuration: they would be left out silently.
   *
   * @throws CheckpointException naming the first
   */
  void checkLayers(int layers) throws CheckpointException {
    for (String name : checkpoint.names()) {
      Matcher matcher = ANY_LAYER.matcher(name);
      if (matcher.matches() && Integer.parseInt(matcher.group(1)) >= layers) {
        throw new CheckpointException(
            checkpoint.source(),
            name,
            "is a layer beyond the " + layers + " of the configuration",
            "configuration and weights are of different models");
      }
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
    Mapped mapped = checkpoint.map(stored);
    return Tensor.wrap(new Spec(type.get(), shape, name), HostStorage.of(mapped.segment(), mapped::close), 0).keep();
  }

  private String stored(String name) {
    if (checkpoint.format() == Format.GGUF) {
      return ggufName(name);
    }
    // Transformers 5 calls the head lm_head in memory; a file saved by it may, too
    String other = name.replace("embed_out.", "lm_head.");
    return !checkpoint.names().contains(name) && checkpoint.names().contains(other) ? other : name;
  }
}
