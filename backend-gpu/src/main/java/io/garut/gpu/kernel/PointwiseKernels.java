package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Element by element. One item makes one element; which function it is, a number says: the
 * place of its name in its enum. No case of a switch may be left out: TornadoVM then loses those after it.
 */
public final class PointwiseKernels {
  private PointwiseKernels() {}

  /** A {@code Pointwise.Function}, not SIN or COS. Numbers: x, result, elements, which. */
  public static void kUnary(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      float x = f.get(p.get(0) + i);
      float y = x;
      switch (p.get(3)) {
        case 0: // NEG
          y = -x;
          break;
        case 1: // ABS
          y = TornadoMath.abs(x);
          break;
        case 2: // SIGN
          y = Functions.sign(x);
          break;
        case 3: // SQUARE
          y = x * x;
          break;
        case 4: // SQRT
          y = TornadoMath.sqrt(x);
          break;
        case 5: // RSQRT
          y = 1f / TornadoMath.sqrt(x);
          break;
        case 6: // RECIPROCAL
          y = 1f / x;
          break;
        case 7: // EXP
          y = TornadoMath.exp(x);
          break;
        case 8: // LOG
          y = TornadoMath.log(x);
          break;
        case 9: // TANH
          y = Functions.hyperbolic(x);
          break;
        case 10: // ERF
          y = Functions.errorFunction(x);
          break;
        case 11: // SIGMOID
          y = Functions.sigmoid(x);
          break;
        case 12: // FLOOR
          y = TornadoMath.floor(x);
          break;
        case 13: // CEIL
          y = TornadoMath.ceil(x);
          break;
        case 14: // ROUND
          y = Functions.nearest(x);
          break;
      }
      f.set(p.get(1) + i, y);
    }
  }

  /** An {@code Activation}. Numbers: x, result, elements, which. */
  public static void kActivate(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      f.set(p.get(1) + i, Curves.value(p.get(3), f.get(p.get(0) + i)));
    }
  }

  /** A {@code Pointwise.Function2} of F32. Numbers: a, b, result, elements, which, a walk with the strides of a and b. */
  public static void kBinary(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      float a = f.get(p.get(0) + Walks.offset(p, 5, 0, i));
      float b = f.get(p.get(1) + Walks.offset(p, 5, 1, i));
      float y = a;
      switch (p.get(4)) {
        case 0: // ADD
          y = a + b;
          break;
        case 1: // SUB
          y = a - b;
          break;
        case 2: // MUL
          y = a * b;
          break;
        case 3: // DIV
          y = a / b;
          break;
        case 4: // POW
          y = Functions.power(a, b);
          break;
        case 5: // MAX
          y = Functions.larger(a, b);
          break;
        case 6: // MIN
          y = Functions.smaller(a, b);
          break;
      }
      f.set(p.get(2) + i, y);
    }
  }

  /** The same of I32, not DIV or POW: after MUL come MAX and MIN. */
  public static void kBinaryWords(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(3)) {
      int a = w.get(p.get(0) + Walks.offset(p, 5, 0, i));
      int b = w.get(p.get(1) + Walks.offset(p, 5, 1, i));
      int y = a;
      switch (p.get(4)) {
        case 0: // ADD
          y = a + b;
          break;
        case 1: // SUB
          y = a - b;
          break;
        case 2: // MUL
          y = a * b;
          break;
        case 3: // MAX
          y = a > b ? a : b;
          break;
        case 4: // MIN
          y = a < b ? a : b;
          break;
      }
      w.set(p.get(2) + i, y);
    }
  }
}
