package io.garut.train.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Region;
import io.garut.tensor.spi.StoragePool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a tape follows, stops at, holds and lets go. */
class TapeTest {

  @Test
  void fitsALine() {
    Tensor x = Tensor.randn(Shape.of(64, 10), 1);
    Tensor truth = Tensor.randn(Shape.of(10, 1), 2);
    Tensor y = x.matmul(truth);
    Tensor w = Tensor.zeros(DType.F32, 10, 1);
    double first = 0;
    double last = 0;
    for (int step = 0; step < 200; step++) {
      try (Gradients g = Tape.gradients(() -> x.matmul(w).minus(y).square().mean(), w)) {
        first = step == 0 ? g.loss() : first;
        last = g.loss();
        Executor.current().apply(new Update.Add(), w, g.of(w).times(-0.1));
      }
    }
    assertThat(last).as("the loss, %s at first", first).isLessThan(first * 1e-6);
  }

  @Test
  void addsWhatComesBackOnSeveralWays() {
    Tensor x = Tensor.of(new float[] {3, -2});
    try (Gradients g = Tape.gradients(() -> x.times(x).plus(x).plus(x).sum(), x)) {
      assertThat(g.of(x).toFloatArray()).containsExactly(8, -2); // 2x + 2
      assertThat(g.loss()).isEqualTo(9 + 4 + 6 - 4);
    }
  }

  @Test
  void aParameterThatDoesNotMatterGetsZeros() {
    Tensor x = Tensor.of(new float[] {3});
    Tensor unused = Tensor.ones(DType.BF16, 2, 3);
    try (Gradients g = Tape.gradients(() -> x.square().sum(), x, unused)) {
      assertThat(g.of(unused).dtype()).isEqualTo(DType.F32);
      assertThat(g.of(unused).toFloatArray()).containsOnly(0).hasSize(6);
      assertThatThrownBy(() -> g.of(Tensor.scalar(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no gradient with respect to F32");
    }
  }

  @Test
  void halfPrecisionParametersGetSinglePrecisionGradients() {
    for (DType type : List.of(DType.F16, DType.BF16)) {
      Tensor w = Tensor.of(new float[] {1.5f, -2, 0.25f, 3, 1, -1}, 2, 3).cast(type);
      Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
      try (Gradients g =
          Tape.gradients(() -> x.linear(w, null, Activation.IDENTITY).square().sum().plus(w.cast(DType.F32).sum()), w)) {
        assertThat(g.of(w).dtype()).isEqualTo(DType.F32);
        float a = 2 * (1.5f - 4 + 0.75f);
        float b = 2 * (3 + 2 - 3);
        assertThat(g.of(w).toFloatArray()).containsExactly(a + 1, 2 * a + 1, 3 * a + 1, b + 1, 2 * b + 1, 3 * b + 1);
      }
    }
  }

  @Test
  void refusesGradientsOfGradients() {
    Tensor x = Tensor.of(new float[] {3});
    Supplier<Tensor> inside = () -> {
      try (Gradients g = Tape.gradients(() -> x.square().sum(), x)) {
        return g.of(x).sum();
      }
    };
    assertThatThrownBy(() -> Tape.gradients(inside, x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("gradients of gradients");
  }

  @Test
  void saysWhatIsWrong() {
    Tensor x = Tensor.of(new float[] {3, 4});
    assertThatThrownBy(() -> Tape.gradients(() -> x.square(), x))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("F32[2] is not one floating-point number; sum or mean it");
    assertThatThrownBy(() -> Tape.gradients(() -> x.detach().sum(), x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("depends on none of the parameters");
    Tensor whole = Tensor.of(new int[] {1});
    assertThatThrownBy(() -> Tape.gradients(() -> x.sum(), x, whole))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("I32[1] is not floating-point");
  }

  @Test
  void gradientsAddUp() {
    Tensor x = Tensor.of(new float[] {3, -2});
    try (Gradients g = Tape.gradients(() -> x.square().sum(), x);
        Gradients more = Tape.gradients(() -> x.sum(), x)) {
      g.add(more);
      assertThat(g.of(x).toFloatArray()).containsExactly(7, -3);
      assertThat(g.loss()).isEqualTo(14);
    }
  }

  private static final class Net {
    private final Tensor[] weights = new Tensor[12];
    private final Region[] regions = new Region[weights.length];

    Net() {
      for (int i = 0; i < weights.length; i++) {
        weights[i] = Tensor.randn(Shape.of(33, 33), i).times(0.1).keep();
        regions[i] = new Region("layers." + i, List.of(weights[i]));
      }
    }

    Tensor loss(Tensor x) {
      Tensor y = x;
      for (int i = 0; i < weights.length; i++) {
        Tensor weight = weights[i];
        y = Executor.current().region(regions[i], y, in -> in.plus(in.linear(weight, null, Activation.GELU)));
      }
      return y.square().mean();
    }
  }

  @Test
  void aRecomputedRegionGivesTheSameBits() {
    Net net = new Net();
    Tensor x = Tensor.randn(Shape.of(7, 33), 9);
    List<Tensor> parameters = new ArrayList<>(List.of(net.weights));
    parameters.add(x);
    RegionRules some = region -> !region.name().endsWith("2");
    try (Gradients plain = Tape.gradients(() -> net.loss(x), parameters, region -> false);
        Gradients again = Tape.gradients(() -> net.loss(x), parameters, some);
        Gradients frozen = Tape.gradients(() -> net.loss(x), parameters.subList(10, 12), region -> true)) {
      assertThat(again.loss()).isEqualTo(plain.loss());
      for (Tensor parameter : parameters) {
        assertThat(again.of(parameter).toFloatArray()).isEqualTo(plain.of(parameter).toFloatArray());
      }
      assertThat(frozen.of(net.weights[11]).toFloatArray()).isEqualTo(plain.of(net.weights[11]).toFloatArray());
      assertThat(frozen.of(net.weights[10]).toFloatArray()).isEqualTo(plain.of(net.weights[10]).toFloatArray());
    }
  }

  @Test
  void aRecomputedRegionThatReadsWhatWasComputedOutsideIsRefused() {
    Tensor x = Tensor.of(new float[] {3, -2});
    Tensor w = Tensor.of(new float[] {1, 5});
    Region region = new Region("layers.0", List.of());
    Supplier<Tensor> loss = () -> {
      Tensor h = w.times(2);
      return Executor.current().region(region, x, in -> in.plus(h)).sum();
    };
    try (Gradients g = Tape.gradients(loss, List.of(x, w), r -> false)) {
      assertThat(g.of(w).toFloatArray()).containsExactly(2, 2);
    }
    assertThatThrownBy(() -> Tape.gradients(loss, List.of(x, w), r -> true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("region 'layers.0' is to be computed again, and reads F32[2]");
  }

  @Test
  void recomputingTakesLessMemoryAndAStepInSteadyStateTakesNone() {
    Net net = new Net();
    Tensor x = Tensor.randn(Shape.of(1001, 33), 9);
    List<Tensor> parameters = List.of(net.weights);
    StoragePool pool = Executor.current().backend().pool();
    long[] bytes = new long[2];
    for (int round = 0; round < 2; round++) {
      boolean recompute = round == 0;
      pool.trim();
      long before = pool.bytes();
      for (int step = 0; step < 5; step++) {
        long allocations = pool.allocations();
        try (TensorScope _ = TensorScope.open();
            Gradients g = Tape.gradients(() -> net.loss(x), parameters, region -> recompute)) {
          assertThat(g.loss()).isFinite();
        }
        if (step > 1) {
          assertThat(pool.allocations()).as("allocations in step %d", step).isEqualTo(allocations);
        }
      }
      bytes[round] = pool.bytes() - before;
    }
    assertThat(bytes[0]).as("bytes with recomputation, %d without", bytes[1]).isLessThan(bytes[1] * 2 / 3); // a layer keeps two
  }

  @Test
  void holdsWhatTheWayBackNeedsBeyondScopesAndLetsItGoAfterAnError() {
    Tensor x = Tensor.of(new float[] {3, -2});
    Supplier<Tensor> scoped = () -> {
      try (TensorScope scope = TensorScope.open()) {
        return scope.handOver(x.times(2).square().sum());
      }
    };
    try (Gradients g = Tape.gradients(scoped, x)) {
      assertThat(g.of(x).toDoubleArray()).containsExactly(new double[] {24, -16}, within(0.0));
    }
    Tensor large = Tensor.randn(Shape.of(1 << 20), 1);
    StoragePool pool = Executor.current().backend().pool();
    long inUse = pool.bytes() - pool.idleBytes();
    assertThatThrownBy(
            () -> Tape.gradients(
                () -> {
                  large.square().exp().sum();
                  throw new IllegalStateException("in the middle");
                },
                large))
        .hasMessage("in the middle");
    assertThat(pool.bytes() - pool.idleBytes()).isLessThanOrEqualTo(inUse);
  }
}
