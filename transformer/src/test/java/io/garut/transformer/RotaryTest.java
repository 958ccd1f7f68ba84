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

  /** Transformers' {@code _compute_dynamic_ntk_parameters} by hand: base·(f·L/M − (f − 1))^(d/(d − 2)). */
  @Test
  void dynamicScalingGrowsTheBaseBeyondTheTrainedContext() {
    RotaryConfig.DynamicScaling scaling = new RotaryConfig.DynamicScaling(2);
    DynamicAngles angles = new DynamicAngles(TinyModels.config(scaling), scaling);
    // 2·96/64 − 1 = 2, to the power 4/2 = 4: the base is 40000; each sequence has the angles of its own length
    try (TokenBatch batch = TokenBatch.sequences(new int[10], new int[96], new int[64])) {
      angles.place(batch);
      assertThat(angle(batch, 3)).isCloseTo(0.03, within(1e-6));
      assertThat(angle(batch, 10 + 3)).isCloseTo(3 / Math.sqrt(40000), within(1e-6));
      assertThat(angle(batch, 10 + 95)).isCloseTo(95 / Math.sqrt(40000), within(1e-6));
      assertThat(angle(batch, 106 + 3)).isCloseTo(0.03, within(1e-6));
    }
    try (TokenBatch batch = TokenBatch.cached(2)) {
      batch.set(new int[2], new int[] {3, 3}, new int[] {0, 1}, 96); // the rest comes in other batches
      angles.place(batch);
      assertThat(angle(batch, 1)).isCloseTo(3 / Math.sqrt(40000), within(1e-6));
      batch.set(new int[2], new int[] {3, 3}, new int[] {0, 1});
      angles.place(batch);
      assertThat(angle(batch, 1)).isCloseTo(0.03, within(1e-6));
    }
  }

  /** The second of a token's two angles. */
  private static double angle(TokenBatch batch, int token) {
    DynamicAngles.Rows rows = batch.rows(2);
    return Math.atan2(rows.sin().toFloatArray()[2 * token + 1], rows.cos().toFloatArray()[2 * token + 1]);
  }
}
