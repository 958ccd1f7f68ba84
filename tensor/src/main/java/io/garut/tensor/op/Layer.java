package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;

/**
 * The coarse operations of a transformer. Tokens of all sequences lie one after another: T is their number, H that of
 * heads, G that of key and value heads, D a head's size. F32 unless stated otherwise.
 */
public sealed interface Layer extends Op {
  /**
   * (x − mean)/√(variance + ε)·weight + bias over the last axis, biased variance (Ba et al., 2016). Inputs: x [.., N],
   * weight [N], bias [N]; F32 or F64.
   */
  record LayerNorm(double epsilon) implements Layer {
    @Override
    public String name() {
      return "layer_norm";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 3, 3);
      Spec x = inputs[0];
      Rules.single(this, x);
      Rules.check(x.shape().rank() > 0, this, "%s needs an axis", x);
      for (int i = 1; i < 3; i++) {
        Rules.sameType(this, x, inputs[i]);
        Rules.shape(this, inputs[i], i == 1 ? "the weight" : "the bias", x.shape().last());
      }
      return Rules.one(x.dtype(), x.shape());
    }
  }

  /**
   * Rotary position embedding (Su et al., 2021) in GPT-NeoX's form: of each head's first R elements, the halves rotate
   * against each other, {@code (x₁cos − x₂sin, x₂cos + x₁sin)}; the rest passes. Inputs: x [T, H, D], positions [T]
   * I32, cos and sin [P, R/2] with the angle of each position below P.
   */
  record Rotary() implements Layer {
    @Override
    public String name() {
      return "rotary";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 4, 4);
      Spec x = inputs[0];
      Rules.shape(this, x, "the input", -1, -1, -1);
      alike(this, x, inputs[2], inputs[3]);
      perToken(this, inputs[1], "the positions", x.shape().dim(0));
      Rules.shape(this, inputs[2], "the cosines", -1, -1);
      Rules.shape(this, inputs[3], "the sines", inputs[2].shape().toArray());
      boolean fits = 2 * inputs[2].shape().last() <= x.shape().last();
      Rules.check(fits, this, "%s rotates more than a head of %s", inputs[2], x);
      return Rules.one(x.dtype(), x.shape());
    }
  }

  /**
   * Causal attention among the tokens at hand: token t sees tokens {@code starts[t]} to t, so that packed records and
   * several sequences do not see each other. Inputs: q [T, H, D], k and v [T, G, D] with H a multiple of G (head h
   * reads group h·G/H), starts [T] I32 with 0 ≤ starts[t] ≤ t → [T, H, D]: softmax(scale·q·k)·v.
   */
  record Attention(float scale) implements Layer {
    @Override
    public String name() {
      return "attention";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 4, 4);
      Spec q = inputs[0];
      Rules.shape(this, q, "the query", -1, -1, -1);
      alike(this, q, inputs[1], inputs[2]);
      Rules.shape(this, inputs[1], "the key", q.shape().dim(0), -1, q.shape().last());
      Rules.shape(this, inputs[2], "the value", inputs[1].shape().toArray());
      groups(this, q, inputs[1].shape().dim(1));
      perToken(this, inputs[3], "starts", q.shape().dim(0));
      return Rules.one(q.dtype(), q.shape());
    }
  }

  /**
   * Writes rows into a key or value cache, in place: {@code cache[slots[t], :, positions[t], :] = rows[t]}, rounded to
   * the cache's type. Inputs: cache [S, G, C, D] F32 or F16 (S sequences, C positions each), rows [T, G, D], slots [T]
   * I32, positions [T] I32.
   */
  record AppendCache() implements Layer {
    @Override
    public String name() {
      return "append_cache";
    }

    @Override
    public int written() {
      return 1;
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 4, 4);
      Spec cache = inputs[0];
      Spec rows = inputs[1];
      cache(this, cache);
      floats(this, rows);
      Rules.shape(this, rows, "the rows", -1, cache.shape().dim(1), cache.shape().dim(3));
      perToken(this, inputs[2], "slots", rows.shape().dim(0));
      perToken(this, inputs[3], "positions", rows.shape().dim(0));
      return new Spec[0];
    }
  }

  /**
   * Causal attention against the caches: token t sees positions 0 to {@code positions[t]} of slot {@code slots[t]}.
   * Inputs: q [T, H, D], key cache and value cache [S, G, C, D], slots [T] I32, positions [T] I32 → [T, H, D].
   */
  record CachedAttention(float scale) implements Layer {
    @Override
    public String name() {
      return "cached_attention";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 5, 5);
      Spec q = inputs[0];
      Rules.shape(this, q, "the query", -1, -1, -1);
      floats(this, q);
      cache(this, inputs[1]);
      Rules.sameType(this, inputs[1], inputs[2]);
      Rules.shape(this, inputs[1], "the key cache", -1, -1, -1, q.shape().last());
      Rules.shape(this, inputs[2], "the value cache", inputs[1].shape().toArray());
      groups(this, q, inputs[1].shape().dim(1));
      perToken(this, inputs[3], "slots", q.shape().dim(0));
      perToken(this, inputs[4], "positions", q.shape().dim(0));
      return Rules.one(q.dtype(), q.shape());
    }
  }

  /**
   * −log softmax(logits)[label] of each token, 0 where the label is {@link #IGNORE} (not learnt). Inputs: logits [T, V]
   * F32 or F64, labels [T] I32 → [T].
   */
  record CrossEntropy() implements Layer {
    /** The label of a token that is not learnt. */
    public static final int IGNORE = -100;

    @Override
    public String name() {
      return "cross_entropy";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Spec logits = inputs[0];
      Rules.single(this, logits);
      Rules.shape(this, logits, "the logits", -1, -1);
      perToken(this, inputs[1], "the labels", logits.shape().dim(0));
      return Rules.one(logits.dtype(), Shape.of(logits.shape().dim(0)));
    }
  }

  private static void alike(Op op, Spec first, Spec... others) {
    Rules.single(op, first);
    for (Spec other : others) {
      Rules.sameType(op, first, other);
    }
  }

  private static void floats(Op op, Spec... inputs) {
    for (Spec input : inputs) {
      Rules.check(input.dtype() == DType.F32, op, "takes F32, not %s; cast it", input);
    }
  }

  private static void cache(Op op, Spec cache) {
    Rules.shape(op, cache, "the cache", -1, -1, -1, -1);
    Rules.check(cache.dtype() == DType.F32 || cache.dtype() == DType.F16, op, "a cache is F32 or F16, not %s", cache);
  }

  private static void perToken(Op op, Spec input, String what, long tokens) {
    Rules.check(input.dtype() == DType.I32, op, "%s %s must be I32", what, input);
    Rules.shape(op, input, what, tokens);
  }

  private static void groups(Op op, Spec q, long groups) {
    boolean fits = groups > 0 && q.shape().dim(1) % groups == 0;
    Rules.check(fits, op, "%s: its heads are not a multiple of %d key heads", q, groups);
  }
}
