package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
class SimdTest {
  @Test
  void theWidthIsWhatWasAskedForOrLess() {
    assumeTrue(SimdSupport.available(), "vectors are turned off");
    assertThat(Simd.BITS).isIn(128, 256, 512);
    assertThat(Simd.LANES).isEqualTo(Simd.F32.length()).isEqualTo(Simd.I32.length());
    if (SimdSupport.requestedBits() > 0) {
      assertThat(Simd.BITS).isLessThanOrEqualTo(SimdSupport.requestedBits());
    }
  }

  @Test
  void sumsAlongAFixedTree() {
    assumeTrue(SimdSupport.available(), "vectors are turned off");
    int n = Simd.LANES;
    float[] values = new float[n];
    double[] doubles = new double[n / 2];
    for (int i = 0; i < n; i++) {
      values[i] = (i % 2 == 0 ? 1 : -1) * (float) Math.exp(i * 1.7);
      doubles[i / 2] = values[i];
    }
    float[] tree = values.clone();
    for (int half = n / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        tree[i] += tree[i + half];
      }
    }
    double[] doubleTree = doubles.clone();
    for (int half = n / 4; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        doubleTree[i] += doubleTree[i + half];
      }
    }
    assertThat(Simd.sum(FloatVector.fromArray(Simd.F32, values, 0))).isEqualTo(tree[0]);
    assertThat(Simd.sum(DoubleVector.fromArray(Simd.F64, doubles, 0))).isEqualTo(doubleTree[0]);
  }

  @Test
  void aWidthThatThereIsNotIsRefused() {
    String before = System.getProperty(SimdSupport.PROPERTY);
    try {
      System.setProperty(SimdSupport.PROPERTY, "384");
      assertThatThrownBy(SimdSupport::requestedBits).hasMessageContaining("384").hasMessageContaining("128, 256 or 512");
      System.setProperty(SimdSupport.PROPERTY, "0");
      assertThat(SimdSupport.available()).isFalse();
    } finally {
      if (before == null) {
        System.clearProperty(SimdSupport.PROPERTY);
      } else {
        System.setProperty(SimdSupport.PROPERTY, before);
      }
    }
  }
}
