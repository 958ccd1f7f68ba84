package io.garut.transformer.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightsTest {
  @Test
  void exponentialsAreAsExactAsTheySay() {
    int count = 10_007;
    float[] logits = new float[count];
    Random random = new Random(7);
    for (int i = 0; i < count; i++) {
      logits[i] = -random.nextFloat() * (i % 2 == 0 ? 10 : 30);
    }
    double[] weights = new double[count];
    Weights.fill(logits, count, 0, weights);
    for (int i = 0; i < count; i++) {
      double exact = StrictMath.exp(logits[i]);
      assertThat(Math.abs(weights[i] - exact) / exact).isLessThan(logits[i] > -10 ? 2e-12 : 1e-9);
    }
  }

  @Test
  void whatIsFarBelowWeighsNothing() {
    float[] logits = {5, Float.NEGATIVE_INFINITY, -695, -1e30f, 4};
    double[] weights = new double[5];
    Weights.fill(logits, 5, Weights.max(logits, 5), weights);
    assertThat(weights[0]).isEqualTo(1);
    assertThat(weights[1]).isZero();
    assertThat(weights[2]).isZero();
    assertThat(weights[3]).isZero();
    assertThat(weights[4]).isGreaterThan(0.36);
  }

  @Test
  void aPlaceInTheRunningSumIsFoundAcrossBlocks() {
    for (int count : new int[] {1, 3, 511, 512, 513, 2049}) {
      double[] weights = new double[count];
      for (int i = 0; i < count; i++) {
        weights[i] = i % 3 == 1 && count > 1 ? 0 : 1;
      }
      double[] sums = new double[Weights.blocks(count)];
      double total = Weights.sum(weights, count, sums);
      int entry = 0;
      for (double target = 0; target < total; target++) {
        while (weights[entry] == 0) {
          entry++;
        }
        assertThat(Weights.at(weights, count, sums, target)).isEqualTo(entry);
        assertThat(Weights.at(weights, count, sums, target + 0.5)).isEqualTo(entry++);
      }
      assertThat(Weights.at(weights, count, sums, total)).as("rounded up to the whole").isEqualTo(entry - 1);
    }
  }
}
