package io.garut.cpu.pointwise;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import io.garut.cpu.Simd;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Relation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Functions of two F32 elements, and relations between them. Each has a loop of its own, for C2 to inline it into. */
final class FloatPairs {
  private FloatPairs() {}

  /** The loop for {@code function}; null if it has no vector form. */
  static FloatPair of(Function2 function) {
    return switch (function) {
      case ADD -> FloatPairs::add;
      case SUB -> FloatPairs::subtract;
      case MUL -> FloatPairs::multiply;
      case DIV -> FloatPairs::divide;
      case MAX -> FloatPairs::max;
      case MIN -> FloatPairs::min;
      case POW -> null;
    };
  }

  /** The loop for {@code relation}, which writes a byte, 1 or 0, for each pair. */
  static FloatPair of(Relation relation) {
    return switch (relation) {
      case EQ -> FloatPairs::equal;
      case NE -> FloatPairs::unequal;
      case LT -> FloatPairs::less;
      case LE -> FloatPairs::lessOrEqual;
      case GT -> FloatPairs::greater;
      case GE -> FloatPairs::greaterOrEqual;
    };
  }

  private static void add(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      a.add(b).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void subtract(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      a.sub(b).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void multiply(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      a.mul(b).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void divide(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      a.div(b).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void max(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      a.max(b).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void min(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      a.min(b).intoMemorySegment(ALL, to + 4L * i, LE);
    }
  }

  private static void equal(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      writeBools(a.compare(EQ, b), to + i);
    }
  }

  private static void unequal(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      writeBools(a.compare(NE, b), to + i);
    }
  }

  private static void less(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      writeBools(a.compare(LT, b), to + i);
    }
  }

  private static void lessOrEqual(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      writeBools(a.compare(VectorOperators.LE, b), to + i);
    }
  }

  private static void greater(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      writeBools(a.compare(GT, b), to + i);
    }
  }

  private static void greaterOrEqual(long x, long y, long to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      FloatVector b = FloatVector.fromMemorySegment(F32, ALL, y + 4L * i, LE);
      writeBools(a.compare(GE, b), to + i);
    }
  }

  /** One byte for each lane: four bits at a time are spread by a product whose terms do not meet. */
  private static void writeBools(VectorMask<Float> mask, long to) {
    long bits = mask.toLong();
    for (int lane = 0; lane < LANES; lane += 4) {
      int four = (int) (bits >>> lane) & 15;
      ALL.set(Simd.INT, to + lane, four * 0x204081 & 0x01010101);
    }
  }
}
