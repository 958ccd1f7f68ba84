package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/**
 * Derivatives with an exponential in them, times what flows back, to some units of 2⁻²⁴ of it: loops from memory to memory
 * around {@link VectorMath#exp}, as in {@link ExpMaps}. A logistic function is taken from e = e^−|z|, which does not
 * overflow: with s = 1/(1 + e) it is s or e·s, and its derivative e·s².
 */
final class ExpSlopes {
  private static final FloatVector ONE = all(1);
  private static final FloatVector TWO = all(2);
  private static final FloatVector FOUR = all(4);
  private static final FloatVector MINUS_HALF = all(-0.5f);

  private static final FloatVector HALF = all(0.5f);
  private static final FloatVector SLOPE_1 = all(-0x1.98842ep-1f);
  private static final FloatVector SLOPE_2 = all(0x1.fff45p-3f);
  private static final FloatVector SLOPE_3 = all(-0x1.100744p-3f);
  private static final FloatVector SLOPE_4 = all(0x1.fba538p-5f);
  private static final FloatVector SLOPE_5 = all(-0x1.a24536p-6f);
  private static final FloatVector SLOPE_6 = all(0x1.288f5ep-7f);
  private static final FloatVector SLOPE_7 = all(-0x1.56a638p-9f);
  private static final FloatVector SLOPE_8 = all(0x1.2bb554p-11f);
  private static final FloatVector SLOPE_9 = all(-0x1.6a65a2p-14f);
  private static final FloatVector SLOPE_10 = all(0x1.08e7b4p-17f);
  private static final FloatVector SLOPE_11 = all(-0x1.5c86fcp-22f);
  private static final FloatVector SLOPE_MOST = all(14);

  /** Beyond, the tanh form of GELU has slope 0 or 1. */
  private static final FloatVector GELU_MOST = all(12);

  private static final FloatVector GELU_LEAST = all(-12);
  private static final FloatVector GELU_1 = all(0x1.988454p0f); // 2√(2/π)
  private static final FloatVector GELU_3 = all(0x1.2444f2p-4f); // 2√(2/π)·0.044715
  private static final FloatVector GELU_SLOPE_3 = all(0x1.b6676cp-3f); // three times that

  private static final FloatVector TWENTY = all(20);
  private static final FloatVector LAPLACE_PEAK = all((float) (1 / (0.282095 * Math.sqrt(2 * Math.PI))));

  private ExpSlopes() {}

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  /**
   * Φ(x) + x·φ(x) = h left of 0 and 1 − h right of it, h = e^(−x²/2)·S(|x|), S(a) = ½·erfcx(a/√2) − a/√(2π). The polynomial
   * is a minimax fit of S weighted by the exponential, which has vanished where that of large x is cut off.
   */
  static void gelu(long x, long dy, long dx, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      v.mul(v).mul(MINUS_HALF).intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector a = v.abs();
      a = a.blend(SLOPE_MOST, a.compare(GT, SLOPE_MOST));
      FloatVector p = a.fma(SLOPE_11, SLOPE_10).fma(a, SLOPE_9).fma(a, SLOPE_8).fma(a, SLOPE_7).fma(a, SLOPE_6);
      p = p.fma(a, SLOPE_5).fma(a, SLOPE_4).fma(a, SLOPE_3).fma(a, SLOPE_2).fma(a, SLOPE_1).fma(a, HALF);
      FloatVector h = p.mul(FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE));
      FloatVector slope = ONE.sub(h).blend(h, v.compare(LT, 0));
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      slope.mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /** σ(z) + x·σ′(z)·z′ with z = 2√(2/π)(x + 0.044715x³). */
  static void geluTanh(long x, long dy, long dx, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector c = v.blend(GELU_MOST, v.compare(GT, GELU_MOST)).blend(GELU_LEAST, v.compare(LT, GELU_LEAST));
      c.mul(c).fma(GELU_3, GELU_1).mul(c).abs().neg().intoMemorySegment(ALL, scratch + 4L * i, LE);
      c.intoMemorySegment(ALL, dx + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector c = FloatVector.fromMemorySegment(F32, ALL, dx + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector s = ONE.div(e.add(ONE));
      FloatVector es = e.mul(s);
      FloatVector sigma = s.blend(es, c.compare(LT, 0));
      FloatVector slope = c.mul(c).fma(GELU_SLOPE_3, GELU_1).mul(c).fma(es.mul(s), sigma);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      slope.mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /** {@code scratch = e^−|scale·x|}. */
  private static void exponential(long x, float scale, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE).mul(scale);
      v.abs().neg().intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
  }

  /** σ(z) + z·σ′(z) with z = scale·x. */
  static void silu(long x, float scale, long dy, long dx, int count, long scratch) {
    exponential(x, scale, count, scratch);
    for (int i = 0; i < count; i += LANES) {
      FloatVector z = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE).mul(scale);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector s = ONE.div(e.add(ONE));
      FloatVector es = e.mul(s);
      FloatVector sigma = s.blend(es, z.compare(LT, 0));
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      z.fma(es.mul(s), sigma).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /** σ′(x). */
  static void sigmoid(long x, long dy, long dx, int count, long scratch) {
    exponential(x, 1, count, scratch);
    for (int i = 0; i < count; i += LANES) {
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector s = ONE.div(e.add(ONE));
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      e.mul(s).mul(s).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /** 1 − tanh² x = 4σ′(2x). */
  static void tanh(long x, long dy, long dx, int count, long scratch) {
    exponential(x, 2, count, scratch);
    for (int i = 0; i < count; i += LANES) {
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector s = TWO.div(e.add(ONE));
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      e.mul(s).mul(s).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /**
   * Of x·n/(n + 2) with n = eˣ(eˣ + 2): (n + 4x·eˣ(eˣ + 1)/(n + 2))/(n + 2). Beyond 20 it is 1; the exponential of 20 stands
   * for those of what is larger, so that nothing overflows.
   */
  static void mish(long x, long dy, long dx, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      v.blend(TWENTY, v.compare(GT, TWENTY)).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
    VectorMath.exp(dx, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector c = FloatVector.fromMemorySegment(F32, ALL, dx + 4L * i, LE);
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE);
      FloatVector n = e.mul(e.add(TWO));
      FloatVector r = ONE.div(n.add(TWO));
      FloatVector slope = e.mul(e.add(ONE)).mul(r).mul(FOUR).fma(c, n).mul(r);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      slope.mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /** e^−z²/(√(2π)·0.282095) with z = (x − mean)·scale: a normal density. */
  static void laplace(long x, long dy, long dx, int count, long scratch) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector z = v.sub(ExpMaps.LAPLACE_MEAN).mul(ExpMaps.LAPLACE_SCALE);
      z.mul(z).neg().intoMemorySegment(ALL, scratch + 4L * i, LE);
    }
    VectorMath.exp(scratch, 0, scratch, count);
    for (int i = 0; i < count; i += LANES) {
      FloatVector e = FloatVector.fromMemorySegment(F32, ALL, scratch + 4L * i, LE).mul(LAPLACE_PEAK);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      e.mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }
}
