package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What writes into operands. One item changes one element. */
public final class UpdateKernels {
  private UpdateKernels() {}

  /** Numbers: target, source, elements. */
  public static void kAdd(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      f.set(p.get(0) + i, f.get(p.get(0) + i) + f.get(p.get(1) + i));
    }
  }

  /** Numbers: target, the factor, elements. */
  public static void kScale(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      f.set(p.get(0) + i, f.get(p.get(0) + i) * f.get(p.get(1)));
    }
  }

  /** Numbers: p, m, v, gradient, elements. Factors: of g, 1 − β₁, β₂, 1 − β₂, of p, of √v, ε, of m. */
  public static void kAdamW(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(4)) {
      float g = f.get(p.get(3) + i) * s.get(0);
      float m = f.get(p.get(1) + i);
      float first = m + s.get(1) * (g - m);
      float second = s.get(2) * f.get(p.get(2) + i) + s.get(3) * g * g;
      float decayed = f.get(p.get(0) + i) * s.get(4);
      f.set(p.get(1) + i, first);
      f.set(p.get(2) + i, second);
      f.set(p.get(0) + i, decayed - s.get(7) * first / (TornadoMath.sqrt(second) * s.get(5) + s.get(6)));
    }
  }

  /** Numbers: p, b, gradient, elements, whether Nesterov's. Factors: of g, weight decay, momentum, rate. */
  public static void kSgd(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      float x = f.get(p.get(0) + i);
      float g = f.get(p.get(2) + i) * s.get(0) + s.get(1) * x;
      float b = s.get(2) * f.get(p.get(1) + i) + g;
      float step = b;
      if (p.get(4) != 0) {
        step = g + s.get(2) * b;
      }
      f.set(p.get(1) + i, b);
      f.set(p.get(0) + i, x - s.get(3) * step);
    }
  }
}
