package io.garut.cpu.pointwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.cpu.CpuBackend;
import io.garut.cpu.SimdSupport;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Executor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The elementary functions over all magnitudes, against the same functions in double precision. */
@Tag("kernel")
class VectorMathTest {
  /** Bit patterns from one sample to the next: a prime, 64 thousand samples of all floats. */
  private static final int STRIDE = 65537;

  private static CpuBackend backend;

  @BeforeAll
  static void open() {
    assumeTrue(SimdSupport.available(), "without vectors the reference computes");
    backend = new CpuBackend(1);
  }

  @AfterAll
  static void close() {
    if (backend != null) {
      backend.close();
    }
  }

  /** All of them within this many units in the last place of the exact result. */
  @TestFactory
  Stream<DynamicTest> relativeToTheResult() {
    return Stream.of(
        unary(Function.EXP, 1),
        unary(Function.LOG, 1),
        unary(Function.TANH, 1.5),
        unary(Function.ERF, 1.5),
        unary(Function.SIGMOID, 2.1),
        unary(Function.SQRT, 0.51),
        unary(Function.RSQRT, 1.5),
        unary(Function.RECIPROCAL, 0.51),
        activation(Activation.SILU, 4),
        activation(Activation.SIGMOID, 2.1),
        activation(Activation.TANH, 1.5));
  }

  /** Those that lose digits far left: within this many units in the last place of the larger of x and the result. */
  @TestFactory
  Stream<DynamicTest> relativeToTheArgument() {
    return Stream.of(Activation.GELU, Activation.GELU_TANH, Activation.QUICK_GELU, Activation.GELU_10, Activation.MISH)
        .map(each -> test(new Pointwise.Activate(each), 2.1, (x, y) -> Math.max(Math.abs(x), Math.abs(y))));
  }

  private static DynamicTest unary(Function function, double ulps) {
    return test(new Pointwise.Unary(function), ulps, (x, y) -> y);
  }

  private static DynamicTest activation(Activation activation, double ulps) {
    return test(new Pointwise.Activate(activation), ulps, (x, y) -> y);
  }

  private static DynamicTest test(Op op, double ulps, DoubleBinaryOperator size) {
    return DynamicTest.dynamicTest(op.name(), () -> check(op, ulps, size));
  }

  private static void check(Op op, double ulps, DoubleBinaryOperator size) {
    float[] x = samples();
    double[] wide = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      wide[i] = x[i];
    }
    try (ReferenceBackend reference = new ReferenceBackend()) {
      double[] exact = apply(reference, op, Tensor.of(wide));
      double[] fast = apply(backend, op, Tensor.of(x));
      for (int i = 0; i < x.length; i++) {
        float rounded = (float) exact[i];
        if (Float.isNaN(rounded) || Float.isInfinite(rounded)) {
          assertThat((Float) (float) fast[i]).as("%s(%s)", op.name(), x[i]).isEqualTo((Float) rounded);
        } else {
          double unit = Math.ulp((float) size.applyAsDouble(x[i], exact[i]));
          assertThat(Math.abs(fast[i] - exact[i]) / unit)
              .as("%s(%s) = %s, not %s: units in the last place", op.name(), x[i], fast[i], exact[i])
              .isLessThanOrEqualTo(ulps);
        }
      }
    }
  }

  private static double[] apply(Backend on, Op op, Tensor x) {
    return Executor.with(on, () -> on.apply(op, x)[0].toDoubleArray());
  }

  /**
   * Every {@link #STRIDE}-th float, both zeros, the smallest and largest of each kind; then the usual range densely.
   */
  private static float[] samples() {
    List<Float> all = new ArrayList<>();
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      all.add(Float.intBitsToFloat((int) bits));
    }
    for (float x = -20; x <= 20; x += 0.0101f) {
      all.add(x);
    }
    for (float x :
        new float[] {
          0, Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, Float.POSITIVE_INFINITY, 88.72284f, 104, 0.94f, 0.625f
        }) {
      all.addAll(List.of(x, -x, Math.nextUp(x), Math.nextDown(x)));
    }
    all.add(Float.NaN);
    float[] array = new float[all.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = all.get(i);
    }
    return array;
  }

  /** F16 and BF16: every value to F32 and back, and F32 of all magnitudes, to the bits of the scalar conversions. */
  @TestFactory
  Stream<DynamicTest> halves() {
    return Stream.of(DType.F16, DType.BF16).map(type -> DynamicTest.dynamicTest(type.name(), () -> checkHalf(type)));
  }

  private static void checkHalf(DType type) {
    float[] x = samples();
    try (ReferenceBackend reference = new ReferenceBackend()) {
      Op there = new Pointwise.Cast(type);
      Op back = new Pointwise.Cast(DType.F32);
      double[] plain = Executor.with(reference, () -> apply(reference, back, reference.apply(there, Tensor.of(x))[0]));
      double[] fast = Executor.with(backend, () -> apply(backend, back, backend.apply(there, Tensor.of(x))[0]));
      assertThat(fast).isEqualTo(plain);
    }
  }
}
