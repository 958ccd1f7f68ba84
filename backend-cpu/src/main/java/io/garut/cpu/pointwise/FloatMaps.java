package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Pointwise.Function;
import jdk.incubator.vector.FloatVector;

/** The functions of one F32 element that have a vector form. Each has a loop of its own, for C2 to inline it into. */
public final class FloatMaps {
  private static final float LAPLACE_SCALE = (float) (1 / (0.282095 * Math.sqrt(2)));

  private FloatMaps() {}

  /** The loop for {@code function}; null if it has no vector form. */
  static FloatMap of(Function function) {
    return switch (function) {
      case NEG -> FloatMaps::negate;
      case ABS -> FloatMaps::abs;
      case SQUARE -> FloatMaps::square;
      case SQRT -> FloatMaps::sqrt;
      case RSQRT -> FloatMaps::reciprocalSqrt;
      case RECIPROCAL -> FloatMaps::reciprocal;
      case EXP -> FloatMaps::exp;
      case LOG -> FloatMaps::log;
      case TANH -> FloatMaps::tanh;
      case ERF -> FloatMaps::erf;
      case SIGMOID -> FloatMaps::sigmoid;
      case SIGN, SIN, COS, FLOOR, CEIL, ROUND -> null;
    };
  }

  /** The loop for {@code activation}. */
  public static FloatMap of(Activation activation) {
    return switch (activation) {
      case IDENTITY -> FloatMaps::copy;
      case GELU -> FloatMaps::gelu;
      case GELU_TANH -> FloatMaps::geluTanh;
      case GELU_10 -> FloatMaps::gelu10;
      case QUICK_GELU -> FloatMaps::quickGelu;
      case RELU -> FloatMaps::relu;
      case RELU2 -> FloatMaps::relu2;
      case RELU6 -> FloatMaps::relu6;
      case LEAKY_RELU -> FloatMaps::leakyRelu;
      case SILU -> FloatMaps::silu;
      case SIGMOID -> FloatMaps::sigmoid;
      case TANH -> FloatMaps::tanh;
      case MISH -> FloatMaps::mish;
      case LAPLACE -> FloatMaps::laplace;
      case HARDSWISH -> FloatMaps::hardSwish;
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
      FloatVector.broadcast(F32, 1).div(x.sqrt()).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void reciprocal(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      FloatVector.broadcast(F32, 1).div(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void exp(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.exp(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void log(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.log(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void tanh(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.tanh(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void erf(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.erf(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void sigmoid(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.sigmoid(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void gelu(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.gelu(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void geluTanh(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.geluTanh(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void gelu10(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.gelu(x).max(-10).min(10).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void quickGelu(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.silu(x, 1.702f).intoMemorySegment(ALL, to + 4L * i, LE);
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

  private static void silu(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.silu(x, 1).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void mish(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.mish(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void laplace(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      VectorMath.normal(x.sub(0.707107f).mul(LAPLACE_SCALE)).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void hardSwish(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.add(3).max(0).min(6).div(6).mul(x).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void copy(long from, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = FloatVector.fromMemorySegment(F32, ALL, from + 4L * i, LE);
      x.intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }
}
