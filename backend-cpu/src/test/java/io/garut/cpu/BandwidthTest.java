package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class BandwidthTest {
  @Test
  void isThatOfMemory() {
    assumeTrue(SimdSupport.available(), "vectors are turned off");
    try (WorkerPool pool = new WorkerPool(2)) {
      // Slower than any disk, or faster than any cache, would be a mistake of the measurement and not the machine's.
      assertThat(Bandwidth.measure(pool)).isBetween(0.2e9, 5e12);
    }
  }
}
