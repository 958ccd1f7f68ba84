package io.garut.transformer;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;

/** Small random models for tests. */
public final class TinyModels {
  private TinyModels() {}

  /** 97 tokens, 64 features, 2 layers of 4 heads, a context of 64. */
  public static NeoXConfig config() {
    return config(new RotaryConfig.Unscaled());
  }

  static NeoXConfig config(RotaryConfig.Scaling scaling) {
    RotaryConfig rotary = new RotaryConfig(0.25, 10000, scaling);
    return new NeoXConfig(97, 64, 2, 4, 256, Activation.GELU, rotary, 64, 1e-5, true, true, false, 0, 0);
  }

  /** A prepared random F32 model whose rotation stretches dynamically to twice its context. */
  public static GptNeoX dynamic() {
    GptNeoX model = GptNeoX.random(config(new RotaryConfig.DynamicScaling(2)), DType.F32, 11);
    model.prepare();
    return model;
  }

  /** A prepared random model with that configuration. */
  public static GptNeoX model(DType dtype) {
    GptNeoX model = GptNeoX.random(config(), dtype, 11);
    model.prepare();
    return model;
  }

  /** A prepared model that goes on after each of these tokens with the next one. */
  public static GptNeoX chain(int... tokens) {
    try {
      GptNeoX model = new GptNeoX(config(), new ChainWeights(tokens), null);
      model.prepare();
      return model;
    } catch (CheckpointException e) {
      throw new IllegalStateException("such weights are never missing", e);
    }
  }
}
