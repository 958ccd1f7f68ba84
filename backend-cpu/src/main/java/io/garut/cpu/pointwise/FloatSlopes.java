package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.garut.tensor.op.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The derivatives of activations times what flows back; where one jumps, the left one. Those with an exponential are in
 * {@link ExpSlopes}.
 */
final class FloatSlopes {
  private static final FloatVector ZERO = all(0);
  private static final FloatVector ONE = all(1);
  private static final FloatVector HUNDREDTH = all(0.01f);
  private static final FloatVector THIRD = all(1 / 3f);
  private static final FloatVector HALF = all(0.5f);

  private FloatSlopes() {}

  private static FloatVector all(float value) {
    return FloatVector.broadcast(F32, value);
  }

  /** A {@link FloatSlope} that needs no scratch memory. */
  @FunctionalInterface
  private interface Loop {
    void run(long x, long dy, long dx, int count);
  }

  private static FloatSlope plain(Loop loop) {
    return (x, dy, dx, count, scratch) -> loop.run(x, dy, dx, count);
  }

  /** The loop for {@code activation}. */
  static FloatSlope of(Activation activation) {
    return switch (activation) {
      case IDENTITY -> plain((x, dy, dx, count) -> FloatMaps.copy(dy, dx, count));
      case GELU -> ExpSlopes::gelu;
      case GELU_TANH -> ExpSlopes::geluTanh;
      case GELU_10 ->
          (x, dy, dx, count, scratch) -> {
            ExpSlopes.gelu(x, dy, dx, count, scratch);
            clip(x, dy, dx, count);
          };
      case QUICK_GELU -> (x, dy, dx, count, scratch) -> ExpSlopes.silu(x, 1.702f, dy, dx, count, scratch);
      case RELU -> plain(FloatSlopes::relu);
      case RELU2 -> plain(FloatSlopes::relu2);
      case RELU6 -> plain(FloatSlopes::relu6);
      case LEAKY_RELU -> plain(FloatSlopes::leakyRelu);
      case SILU -> (x, dy, dx, count, scratch) -> ExpSlopes.silu(x, 1, dy, dx, count, scratch);
      case SIGMOID -> ExpSlopes::sigmoid;
      case TANH -> ExpSlopes::tanh;
      case MISH -> ExpSlopes::mish;
      case LAPLACE -> ExpSlopes::laplace;
      case HARDSWISH -> plain(FloatSlopes::hardSwish);
    };
  }

  private static void relu(long x, long dy, long dx, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      ZERO.blend(ONE, v.compare(GT, 0)).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  private static void relu2(long x, long dy, long dx, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE).max(0);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      v.add(v).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  private static void relu6(long x, long dy, long dx, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      FloatVector slope = ZERO.blend(ONE, v.compare(GT, 0).and(v.compare(LT, 6)));
      slope.mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  private static void leakyRelu(long x, long dy, long dx, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      HUNDREDTH.blend(ONE, v.compare(GT, 0)).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  private static void hardSwish(long x, long dy, long dx, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      FloatVector slope = ONE.blend(v.fma(THIRD, HALF), v.compare(LT, 3));
      slope.blend(ZERO, v.compare(VectorOperators.LE, -3)).mul(g).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }

  /** {@code dx = dy · 0} where a GELU has been cut off at 10; that of −10 is far from there. */
  private static void clip(long x, long dy, long dx, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector g = FloatVector.fromMemorySegment(F32, ALL, dy + 4L * i, LE);
      FloatVector inside = FloatVector.fromMemorySegment(F32, ALL, dx + 4L * i, LE);
      inside.blend(g.mul(0), v.compare(GT, 10)).intoMemorySegment(ALL, dx + 4L * i, LE);
    }
  }
}
