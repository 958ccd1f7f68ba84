package io.garut.train.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.op.Update;
import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Executor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule against central differences in F64. */
class GradientRulesTest {
  private static final ReferenceBackend REFERENCE = new ReferenceBackend();

  /** Where a function is smooth, the quotient is off by h²·f‴/6 and by the rounding of f over h. */
  private static final double STEP = 1e-5;

  private static final double CLOSE = 2e-8;

  /** What carries no gradient, and why. */
  private static boolean constant(Object part) {
    return switch (part) {
      case Function f -> Set.of(Function.SIGN, Function.FLOOR, Function.CEIL, Function.ROUND).contains(f); // steps
      case Fold f -> f == Fold.ANY || f == Fold.ALL; // of BOOL
      case Class<?> c ->
          Creation.class.isAssignableFrom(c) // of nothing
              || Backward.class.isAssignableFrom(c) // refused
              || Update.class.isAssignableFrom(c) // refused
              || Set.of(Pointwise.Is.class, Pointwise.Compare.class, Pointwise.Combine.class, Reduction.ArgMax.class,
                  Reduction.FirstNonFinite.class, Layer.AppendCache.class, Layer.CachedAttention.class).contains(c);
      default -> false;
    };
  }

  static Stream<GradientCase> cases() {
    return GradientCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithCentralDifferences(GradientCase each) {
    Executor.with(
        REFERENCE,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            check(each);
          }
          return null;
        });
  }

  private static void check(GradientCase each) {
    Tensor[] inputs = each.make();
    List<Tensor> parameters =
        IntStream.range(0, inputs.length).filter(i -> each.varies(i, inputs[i])).mapToObj(i -> inputs[i]).toList();
    try (Gradients gradients = Tape.gradients(() -> each.loss(inputs), parameters, region -> false)) {
      assertThat(gradients.loss()).isEqualTo(each.loss(inputs).item());
      for (int i = 0; i < inputs.length; i++) {
        if (each.varies(i, inputs[i])) {
          double[] expected = differences(each, inputs, i);
          double[] actual = gradients.of(inputs[i]).toDoubleArray();
          double scale = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
          for (int j = 0; j < expected.length; j++) {
            assertThat(Math.abs(actual[j] - expected[j]))
                .as("input %d, element %d: %s, the difference is %s", i, j, actual[j], expected[j])
                .isLessThanOrEqualTo(CLOSE * scale);
          }
        }
      }
    }
  }

  private static double[] differences(GradientCase each, Tensor[] inputs, int which) {
    double[] values = inputs[which].toDoubleArray();
    double[] result = new double[values.length];
    Tensor[] moved = inputs.clone();
    for (int j = 0; j < values.length; j++) {
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] there = values.clone();
        there[j] += side == 0 ? STEP : -STEP;
        try (TensorScope _ = TensorScope.open()) {
          moved[which] = Tensor.of(there, inputs[which].shape().toArray());
          losses[side] = each.loss(moved).item();
        }
      }
      result[j] = (losses[0] - losses[1]) / (2 * STEP);
    }
    return result;
  }

  @Test
  void hasACaseForEveryOperation() {
    List<Op> ops = cases().map(GradientCase::op).toList();
    Set<Object> missing = new LinkedHashSet<>();
    for (Class<?> operation : operations(Op.class)) {
      if (constant(operation)) {
        continue;
      }
      List<Op> those = ops.stream().filter(operation::isInstance).toList();
      if (those.isEmpty()) {
        missing.add(operation.getSimpleName());
      }
      for (RecordComponent component : operation.getRecordComponents()) {
        if (component.getType().isEnum() && component.getType() != DType.class) {
          Set<Object> rest = new LinkedHashSet<>(Arrays.asList(component.getType().getEnumConstants()));
          those.forEach(op -> rest.remove(value(component, op)));
          rest.stream().filter(part -> !constant(part)).forEach(part -> missing.add(operation.getSimpleName() + " " + part));
        }
      }
    }
    assertThat(missing).as("operations whose gradient is not checked").isEmpty();
  }

  private static Set<Class<?>> operations(Class<?> type) {
    if (!type.isSealed()) {
      return Set.of(type);
    }
    Set<Class<?>> all = new LinkedHashSet<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      all.addAll(operations(permitted));
    }
    return all;
  }

  private static Object value(RecordComponent component, Op op) {
    try {
      return component.getAccessor().invoke(op);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record's accessor is public", e);
    }
  }

  @Test
  void nothingFlowsThroughWhatIsConstant() {
    Tensor x = Tensor.of(new float[] {0.5f, -1.5f, 2});
    for (Function step : List.of(Function.SIGN, Function.FLOOR, Function.CEIL, Function.ROUND)) {
      assertThatThrownBy(() -> Tape.gradients(() -> x.map(step).sum(), x))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("depends on none");
    }
    try (Gradients g = Tape.gradients(() -> x.gt(x.neg()).where(x, x.times(3)).times(x.detach()).sum(), x)) {
      assertThat(g.of(x).toFloatArray()).containsExactly(0.5f, -4.5f, 2);
    }
  }

  @Test
  void refusesWhatHasNoGradient() {
    Tensor x = Tensor.of(new float[] {0.5f, -1.5f, 2});
    List<Runnable> refused = new ArrayList<>();
    refused.add(() -> Tape.gradients(() -> apply(new Update.Add(), x, x), x));
    refused.add(() -> Tape.gradients(() -> apply(new Backward.Activate(io.garut.tensor.op.Activation.GELU), x, x), x));
    Tensor q = Tensor.randn(Shape.of(1, 1, 4), 1);
    Tensor cache = Tensor.zeros(DType.F32, 1, 1, 2, 4);
    Tensor at = Tensor.of(new int[] {0});
    refused.add(() -> Tape.gradients(() -> apply(new Layer.CachedAttention(1), q, cache, cache, at, at), q));
    refused.add(() -> Tape.gradients(() -> apply(new Layer.AppendCache(), cache, q, at, at), q));
    for (Runnable each : refused) {
      assertThatThrownBy(each::run)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("has no gradient");
    }
  }

  private static Tensor apply(Op op, Tensor... inputs) {
    return Executor.current().apply(op, inputs)[0];
  }
}
