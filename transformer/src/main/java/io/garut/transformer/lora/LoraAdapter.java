package io.garut.transformer.lora;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.LinearProjection;
import io.garut.transformer.WeightSource.QkvOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * An adapter on a model: fresh, or read from a folder of PEFT's. The base may be of any type, quantised ones included; the
 * adapter's matrices are F32.
 *
 * <pre>{@code
 * LoraAdapter adapter = LoraAdapter.fresh(model, LoraConfig.standard(), 42);
 * new Trainer(model, adapter.parameters(), options);   // the base stays as it is
 * adapter.save(folder, "EleutherAI/pythia-70m");        // what PEFT calls the base
 * }</pre>
 *
 * <p>The model owns the matrices and closes them.
 */
public final class LoraAdapter {
  /** The matrices beside one projection. */
  record Pair(Tensor a, Tensor b) {}

  private final GptNeoX model;
  private final LoraConfig config;
  private final Map<String, Pair> pairs = new LinkedHashMap<>(); // by the projection's name

  private LoraAdapter(GptNeoX model, LoraConfig config) {
    this.model = model;
    this.config = config;
  }

  /**
   * A fresh adapter on {@code model}: A uniform on ±1/√in, as PyTorch makes a linear layer, B zeros, so that nothing changes
   * yet.
   *
   * @throws IllegalStateException if the model has one
   */
  public static LoraAdapter fresh(GptNeoX model, LoraConfig config, long seed) {
    LoraAdapter adapter = new LoraAdapter(model, config);
    adapter.attach(
        (name, shape) -> {
          if (!config.takes(name)) {
            return null;
          }
          long in = shape.dim(1);
          Tensor a = Tensor.rand(Shape.of(config.rank(), in), seed * 31 + name.hashCode()).minus(0.5);
          return new Pair(a.times(2 / Math.sqrt((double) in)), Tensor.zeros(DType.F32, shape.dim(0), config.rank()));
        });
    return adapter;
  }

  /**
   * Reads an adapter from {@code folder} (adapter_config.json and adapter_model.safetensors, or .bin) and puts it on
   * {@code model}.
   *
   * @throws IOException naming file and place, if something is missing or damaged, does not fit to the model, or asks for
   *     what is not supported
   * @throws IllegalStateException if the model has an adapter
   */
  public static LoraAdapter load(GptNeoX model, Path folder) throws IOException {
    try (TensorScope _ = TensorScope.open()) {
      AdapterFiles files = AdapterFiles.read(folder, model);
      LoraAdapter adapter = new LoraAdapter(model, files.config());
      adapter.attach(
          (name, shape) -> {
            Pair pair = files.pairs().get(name);
            return pair == null
                ? null
                : new Pair(pair.a, adapter.rows(name, pair.b, QkvOrder.PER_HEAD, model.qkvOrder()));
          });
      return adapter;
    }
  }

  /**
   * Writes the adapter as PEFT does, so that it reads it. The folder appears whole.
   *
   * @param base what to call the base model, a name of the hub or a path
   * @throws IOException if it cannot be written
   */
  public void save(Path folder, String base) throws IOException {
    try (TensorScope _ = TensorScope.open()) {
      Map<String, Pair> hub = new LinkedHashMap<>();
      pairs.forEach(
          (name, pair) -> hub.put(name, new Pair(pair.a, rows(name, pair.b, model.qkvOrder(), QkvOrder.PER_HEAD))));
      AdapterFiles.write(folder, config, base, hub);
    }
  }

  /** What it is like. */
  public LoraConfig config() {
    return config;
  }

  /** Its matrices, which are what is trained. */
  public List<Tensor> parameters() {
    List<Tensor> all = new ArrayList<>();
    pairs.values().forEach(pair -> all.addAll(List.of(pair.a, pair.b)));
    return all;
  }

  /**
   * Adds scale·B·A to the weights and takes the adapter off.
   *
   * @throws IllegalStateException if a weight is quantised, mapped or packed, and cannot be written to
   */
  public void merge() {
    model.adapt(
        (name, projection) -> {
          if (!(projection instanceof LoraProjection lora && pairs.containsKey(name))) {
            return projection;
          }
          Tensor weight = lora.base().weights().getFirst();
          if (!weight.dtype().isFloat()) {
            throw new IllegalStateException(
                weight.spec() + " is quantised and cannot take an adapter in; merge it into the model it was made of");
          }
          try (TensorScope _ = TensorScope.open()) {
            Tensor sum = weight.cast(DType.F32).plus(lora.b().matmul(lora.a()).times(lora.scale()));
            Executor.current().apply(new Update.Copy(), weight, sum);
          }
          lora.a().close();
          lora.b().close();
          return lora.base();
        });
    pairs.clear();
  }

  /** Puts what {@code maker} makes, of a projection's name and its weight's shape, beside each where that is not null. */
  private void attach(BiFunction<String, Shape, Pair> maker) {
    model.adapt(
        (name, base) -> {
          if (!(base instanceof LinearProjection linear)) {
            throw new IllegalStateException("the model has an adapter already; merge it first");
          }
          try (TensorScope _ = TensorScope.open()) {
            Pair made = maker.apply(name, linear.weight().shape());
            if (made == null) {
              return base;
            }
            Tensor a = made.a.named(name + ".lora_A.weight").keep();
            Tensor b = made.b.named(name + ".lora_B.weight").keep();
            pairs.put(name, new Pair(a, b));
            return new LoraProjection(base, a, b, config.scale());
          }
        });
  }

  /** B of the fused query, key and value projection with its rows in another order. */
  private Tensor rows(String name, Tensor b, QkvOrder from, QkvOrder to) {
    if (from == to || !name.endsWith("query_key_value")) {
      return b;
    }
    long heads = model.config().heads();
    long size = model.config().headSize();
    Tensor blocks = switch (from) {
      case PER_HEAD -> b.reshape(heads, 3, size, config.rank());
      case STACKED -> b.reshape(3, heads, size, config.rank());
    };
    return blocks.permute(1, 0, 2, 3).reshape(b.shape().toArray());
  }
}
