package io.garut.tensor.op;

/** The non-linearities that Transformers' {@code ACT2FN} knows for GPT-NeoX and its kin. */
public enum Activation {
  /** x: {@code linear}. */
  IDENTITY,
  /** x·Φ(x), with the error function. */
  GELU,
  /** 0.5x(1 + tanh(√(2/π)(x + 0.044715x³))): {@code gelu_new}, {@code gelu_fast}, {@code gelu_pytorch_tanh}. */
  GELU_TANH,
  /** {@link #GELU} clipped to [−10, 10]. */
  GELU_10,
  /** x·σ(1.702x). */
  QUICK_GELU,
  /** max(x, 0). */
  RELU,
  /** max(x, 0)². */
  RELU2,
  /** min(max(x, 0), 6). */
  RELU6,
  /** x, or 0.01x below zero. */
  LEAKY_RELU,
  /** x·σ(x): {@code silu}, {@code swish}. */
  SILU,
  /** σ(x). */
  SIGMOID,
  /** tanh(x). */
  TANH,
  /** x·tanh(ln(1 + eˣ)). */
  MISH,
  /** 0.5(1 + erf((x − 0.707107)/(0.282095·√2))) (Ma et al., "Mega", 2022). */
  LAPLACE,
  /** x·min(max(x + 3, 0), 6)/6. */
  HARDSWISH
}
