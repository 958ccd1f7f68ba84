package io.garut.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RotaryTest {
  private static double angle(RotaryTable table, int position, int i) {
    int width = (int) table.cos().shape().last();
    double cos = table.cos().toFloatArray()[position * width + i];
    double sin = table.sin().toFloatArray()[position * width + i];
    return Math.atan2(sin, cos);
  }

  @Test
  void unscaledAnglesFollowThePaper() {
    try (RotaryTable table = new RotaryTable(TinyModels.config())) {
      table.cover(4);
      assertThat(table.cos().shape().toArray()).containsExactly(64, 2); // two pairs rotate
      assertThat(angle(table, 3, 0)).isCloseTo(3, within(1e-6));
      assertThat(angle(table, 3, 1)).isCloseTo(3 * Math.pow(10000, -0.5), within(1e-6));
    }
  }

  @Test
  void linearScalingDividesPositions() {
    try (RotaryTable table = new RotaryTable(TinyModels.config(new RotaryConfig.LinearScaling(4)))) {
      table.cover(9);
      assertThat(table.cos().shape().dim(0)).isEqualTo(256);
      assertThat(angle(table, 8, 0)).isCloseTo(2, within(1e-6));
    }
  }

  /** The figures are Transformers' {@code _compute_dynamic_ntk_parameters} by hand: base·(f·L/M − (f − 1))^(d/(d − 2)). */
  @Test
  void dynamicScalingGrowsTheBaseBeyondTheTrainedContext() {
    try (RotaryTable table = new RotaryTable(TinyModels.config(new RotaryConfig.DynamicScaling(2)))) {
      table.extendTo(40);
      assertThat(angle(table, 3, 1)).isCloseTo(0.03, within(1e-6));
      table.extendTo(96); // 2·96/64 − 1 = 2, to the power 4/2 = 4: the base is 40000
      assertThat(angle(table, 3, 1)).isCloseTo(3 / Math.sqrt(40000), within(1e-6));
      table.extendTo(10);
      assertThat(angle(table, 3, 1)).isCloseTo(0.03, within(1e-6));
    }
  }
}
