package io.garut.transformer;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * One layer of GPT-NeoX: attention and a feed-forward part, beside each other or one after the other. T tokens of F
 * features.
 */
final class NeoXBlock {
  private final NeoXConfig config;
  private final int index;
  private final WeightSource.QkvOrder qkvOrder;
  private final LayerNorm attentionNorm;
  private final LayerNorm feedForwardNorm;
  private Projection queryKeyValue;
  private Projection attentionOut;
  private Projection expand;
  private Projection contract;
  private Region region;

  NeoXBlock(NeoXConfig config, int index, WeightSource source) throws CheckpointException {
    this.config = config;
    this.index = index;
    this.qkvOrder = source.qkvOrder();
    String prefix = prefix();
    long features = config.hiddenSize();
    long inner = config.intermediateSize();
    boolean bias = config.attentionBias();
    attentionNorm = norm(source, prefix + "input_layernorm", config);
    feedForwardNorm = norm(source, prefix + "post_attention_layernorm", config);
    queryKeyValue = projection(source, prefix + "attention.query_key_value", 3 * features, features, bias);
    attentionOut = projection(source, prefix + "attention.dense", features, features, bias);
    expand = projection(source, prefix + "mlp.dense_h_to_4h", inner, features, true);
    contract = projection(source, prefix + "mlp.dense_4h_to_h", features, inner, true);
    region = region();
  }

  private Region region() {
    List<Tensor> weights = new ArrayList<>();
    weights.addAll(attentionNorm.weights());
    weights.addAll(feedForwardNorm.weights());
    projections().forEach(projection -> weights.addAll(projection.weights()));
    return new Region("layers." + index, weights);
  }

  /** Puts what {@code change} makes of each projection, given its hub name, in its place. */
  void adapt(BiFunction<String, Projection, Projection> change) {
    String prefix = prefix();
    queryKeyValue = change.apply(prefix + "attention.query_key_value", queryKeyValue);
    attentionOut = change.apply(prefix + "attention.dense", attentionOut);
    expand = change.apply(prefix + "mlp.dense_h_to_4h", expand);
    contract = change.apply(prefix + "mlp.dense_4h_to_h", contract);
    region = region();
  }

  private String prefix() {
    return "gpt_neox.layers." + index + ".";
  }

  static LayerNorm norm(WeightSource source, String name, NeoXConfig config) throws CheckpointException {
    long features = config.hiddenSize();
    return new LayerNorm(
        source.vector(name + ".weight", features), source.vector(name + ".bias", features), config.layerNormEpsilon());
  }

  private static Projection projection(WeightSource source, String name, long out, long in, boolean bias)
      throws CheckpointException {
    Tensor weight = source.matrix(name + ".weight", out, in);
    return new LinearProjection(weight, bias ? source.vector(name + ".bias", out) : null);
  }

  List<Projection> projections() {
    return List.of(queryKeyValue, attentionOut, expand, contract);
  }

  List<Tensor> weights() {
    return region.weights();
  }

  /** x [T, F] → [T, F]. */
  Tensor forward(Tensor x, TokenBatch tokens, KvCache cache, RotaryAngles rotary) {
    return Executor.current().region(region, x, input -> compute(input, tokens, cache, rotary));
  }

  private Tensor compute(Tensor x, TokenBatch tokens, KvCache cache, RotaryAngles rotary) {
    Tensor attended = attention(attentionNorm.apply(x), tokens, cache, rotary);
    if (config.parallelResidual()) {
      return feedForward(feedForwardNorm.apply(x)).plus(attended).plus(x); // Transformers' order of summing
    }
    Tensor middle = attended.plus(x);
    return feedForward(feedForwardNorm.apply(middle)).plus(middle);
  }

  private Tensor feedForward(Tensor x) {
    return contract.apply(expand.apply(x, config.activation()), Activation.IDENTITY);
  }

  private Tensor attention(Tensor x, TokenBatch tokens, KvCache cache, RotaryAngles rotary) {
    long count = x.shape().dim(0);
    Tensor[] qkv = parts(queryKeyValue.apply(x)); // [T, H, D] each
    Tensor q = rotary.rotate(qkv[0], tokens);
    Tensor k = rotary.rotate(qkv[1], tokens);
    Tensor v = qkv[2];
    float scale = (float) (1 / Math.sqrt(config.headSize()));
    Executor executor = Executor.current();
    Tensor mixed;
    if (cache == null) {
      mixed = executor.apply(new Layer.Attention(scale), q, k, v, tokens.starts())[0];
    } else {
      Tensor slots = tokens.slots();
      Tensor positions = tokens.positions();
      executor.apply(new Layer.AppendCache(), cache.keys(index), k, slots, positions);
      executor.apply(new Layer.AppendCache(), cache.values(index), v, slots, positions);
      mixed =
          executor.apply(
              new Layer.CachedAttention(scale), q, cache.keys(index), cache.values(index), slots, positions)[0];
    }
    return attentionOut.apply(mixed.reshape(count, config.hiddenSize()));
  }

  /** Query, key and value of [T, 3F] as [T, H, D]. */
  private Tensor[] parts(Tensor qkv) {
    long count = qkv.shape().dim(0);
    long heads = config.heads();
    long size = config.headSize();
    Tensor[] parts =
        switch (qkvOrder) {
          case PER_HEAD -> qkv.reshape(count, heads, 3, size).split(2, 3);
          case STACKED -> qkv.reshape(count, 3, heads, size).split(1, 3);
        };
    for (int i = 0; i < parts.length; i++) {
      parts[i] = parts[i].reshape(count, heads, size);
    }
    return parts;
  }
}
