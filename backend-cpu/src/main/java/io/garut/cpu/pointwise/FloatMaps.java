package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Pointwise.Function;
import jdk.incubator.vector.FloatVector;

/**
 * The functions of one F32 element that have a vector form. Each has a loop of its own, for C2 to compile; those with
 * an exponential are in {@link ExpMaps}.
 */
public final class FloatMaps {
  private static final FloatVector ONE = FloatVector.broadcast(F32, 1);

  private FloatMaps() {}

  /** A {@link FloatMap} that needs no scratch memory. */
  @FunctionalInterface
  private interface Loop {
    void run(long from, long to, int count);
  }

  private static FloatMap plain(Loop loop) {
    return (from, to, count, scratch) -> loop.run(from, to, count);
  }

  /** The loop for {@code function}; null if it has no vector form. */
  static FloatMap of(Function function) {
    return switch (function) {
      case NEG -> plain(FloatMaps::negate);
      case ABS -> plain(FloatMaps::abs);
      case SQUARE -> plain(FloatMaps::square);
      case SQRT -> plain(FloatMaps::sqrt);
      case RSQRT -> plain(FloatMaps::reciprocalSqrt);
      case RECIPROCAL -> plain(FloatMaps::reciprocal);
      case EXP -> plain((from, to, count) -> VectorMath.exp(from, 0, to, count));
      case LOG -> plain(VectorMath::log);
      case TANH -> ExpMaps::tanh;
      case ERF -> ExpMaps::erf;
      case SIGMOID -> ExpMaps::sigmoid;
      case SIGN, SIN, COS, FLOOR, CEIL, ROUND -> null;
    };
  }

  /** The loop for {@code activation}. */
  public static FloatMap of(Activation activation) {
    return switch (activation) {
      case IDENTITY -> plain(FloatMaps::copy);
      case GELU -> ExpMaps::gelu;
      case GELU_TANH -> ExpMaps::geluTanh;
      case GELU_10 ->
          (from, to, count, scratch) -> {
            ExpMaps.gelu(from, to, count, scratch);
            clip(to, to, count);
          };
      case QUICK_GELU -> (from, to, count, scratch) -> ExpMaps.silu(from, 1.702f, to, count, scratch);
      case RELU -> plain(FloatMaps::relu);
      case RELU2 -> plain(FloatMaps::relu2);
      case RELU6 -> plain(FloatMaps::relu6);
      case LEAKY_RELU -> plain(FloatMaps::leakyRelu);
      case SILU -> (from, to, count, scratch) -> ExpMaps.silu(from, 1, to, count, scratch);
      case SIGMOID -> ExpMaps::sigmoid;
      case TANH -> ExpMaps::tanh;
      case MISH -> ExpMaps::mish;
      case LAPLACE -> ExpMaps::laplace;
      case HARDSWISH -> plain(FloatMaps::hardSwish);
    };
  }

  private static void negate(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.neg().intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void abs(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.abs().intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void square(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.mul(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void sqrt(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.sqrt().intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void reciprocalSqrt(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      ONE.div(x.sqrt()).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void reciprocal(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      ONE.div(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void relu(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.max(0).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void relu2(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.max(0).mul(x.max(0)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void relu6(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.max(0).min(6).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void leakyRelu(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.blend(x.mul(0.01f), x.compare(LT, 0)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void hardSwish(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.add(3).max(0).min(6).div(6).mul(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  static void copy(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void clip(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.max(-10).min(10).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }
}
