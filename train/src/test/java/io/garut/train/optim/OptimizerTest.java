package io.garut.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Pointwise;
import io.garut.train.autograd.Gradients;
import io.garut.train.autograd.Tape;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.optim.LearningRate.Warmup;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimizers against PyTorch's (src/test/python/optimizers_fixture.py), in F64, where only rounding differs. */
class OptimizerTest {
  private static JsonNode fixture() throws IOException {
    try (InputStream in = OptimizerTest.class.getResourceAsStream("optimizers.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static double[] doubles(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asDouble();
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "sgd", "sgd-nesterov", "adafactor", "adafactor-vector"})
  void makesTheStepsOfPyTorch(String name) throws IOException {
    Optimizer optimizer =
        switch (name) {
          case "adamw" -> new AdamW(0.9, 0.95, 1e-8, 0.1);
          case "sgd" -> new Sgd(0.9, false, 0.1);
          case "sgd-nesterov" -> new Sgd(0.8, true, 0);
          default -> new Adafactor(-0.8, 1e-3, 1, 0.1);
        };
    JsonNode fixture = fixture();
    long[] dims = name.endsWith("vector") ? new long[] {12} : new long[] {3, 4};
    Tensor parameter = Tensor.of(doubles(fixture.get("start")), dims).named("weight");
    try (Optimization optimization = Optimization.of(optimizer, List.of(parameter))) {
      for (JsonNode step : fixture.get("gradients")) {
        Tensor gradient = Tensor.of(doubles(step), dims);
        try (Gradients g = Tape.gradients(() -> parameter.times(gradient).sum(), parameter)) {
          optimization.step(g, 0.02, 1);
        }
      }
    }
    double[] expected = doubles(fixture.get("cases").get(name));
    double epsilon = name.startsWith("adafactor") ? 1e-7 : 1e-13; // PyTorch's Adafactor keeps F32 states
    assertThat(parameter.toDoubleArray()).containsExactly(expected, within(epsilon));
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void smallStepsAddUpInAMaster(DType type) {
    Tensor parameter = Tensor.full(type, Shape.of(2, 3), 1).named("weight");
    try (Optimization optimization = Optimization.of(new Sgd(0, false, 0), List.of(parameter))) {
      for (int step = 0; step < 100; step++) {
        try (Gradients g = Tape.gradients(() -> parameter.cast(DType.F32).sum(), parameter)) {
          optimization.step(g, 1e-4, 1); // each one is lost on a 16-bit number
        }
      }
      assertThat(parameter.toFloatArray()).containsOnly(Tensor.scalar(0.99f).cast(type).toFloatArray()[0]);
      assertThat(optimization.state()).containsOnlyKeys("master.weight", "momentum_buffer.weight");
    }
  }

  @Test
  void clipsAndFindsWhatIsNotFinite() {
    Tensor a = Tensor.of(new float[] {3, 0}).named("a");
    Tensor b = Tensor.of(new float[] {4}).named("b");
    try (Gradients g = Tape.gradients(() -> a.square().sum().plus(b.square().sum()).times(0.5), a, b)) {
      GradientNorm norm = GradientNorm.of(List.of(a, b), g);
      assertThat(norm.value()).isEqualTo(5);
      assertThat(norm.notFinite()).isEmpty();
      assertThat(norm.clip(1)).isCloseTo(0.2, within(1e-6));
      assertThat(norm.clip(10)).isEqualTo(1);
    }
    try (Gradients g = Tape.gradients(() -> a.square().sum().plus(b.minus(4).map(Pointwise.Function.RSQRT).sum()), a, b)) {
      assertThat(GradientNorm.of(List.of(a, b), g).notFinite()).containsSame(b);
    }
  }

  @Test
  void followsItsCourse() {
    LearningRate linear = new LearningRate(2, Warmup.LINEAR, 4, Decay.LINEAR, 12, 0.5);
    assertThat(List.of(linear.at(1), linear.at(2), linear.at(4), linear.at(8), linear.at(12), linear.at(20)))
        .containsExactly(0.5, 1.0, 2.0, 1.5, 1.0, 1.0);
    LearningRate cosine = new LearningRate(1, Warmup.LINEAR, 0, Decay.COSINE, 8, 0);
    assertThat(cosine.at(4)).isCloseTo(0.5, within(1e-15));
    assertThat(cosine.at(8)).isCloseTo(0, within(1e-15));
    LearningRate log = new LearningRate(1, Warmup.LOG, 100, Decay.CONSTANT, 0, 0);
    assertThat(List.of(log.at(1), log.at(100), log.at(1000))).containsExactly(0.0, 1.0, 1.0);
    assertThat(log.at(10)).isCloseTo(0.5, within(1e-15));
  }

  @Test
  void aLossScaleFallsAndRises() {
    LossScale scale = new LossScale(8, 2, 0);
    assertThat(scale.after(false).value()).isEqualTo(4);
    assertThat(scale.after(true).value()).isEqualTo(8);
    assertThat(scale.after(true).after(true).value()).isEqualTo(16);
    assertThat(scale.after(true).after(false).after(true).value()).isEqualTo(4);
    assertThat(LossScale.NONE.after(false)).isEqualTo(LossScale.NONE);
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    assertThatThrownBy(() -> new AdamW(1, 0.9, 1e-8, 0)).hasMessageContaining("beta1 must be from 0 to below 1, not 1.0");
    assertThatThrownBy(() -> new Sgd(0, true, 0)).hasMessageContaining("needs a momentum");
    assertThatThrownBy(() -> new Adafactor(-0.8, 1e-3, 0, 0)).hasMessageContaining("clipping threshold must be above 0");
    assertThatThrownBy(() -> LearningRate.constant(Double.NaN)).hasMessageContaining("learning rate");
  }
}
