package io.garut.gpu;

import io.garut.tensor.conformance.BackendConformance;
import io.garut.tensor.spi.Backend;
import org.junit.jupiter.api.AfterAll;

class GpuConformanceTest extends BackendConformance {
  private static final GpuBackend BACKEND = new GpuBackend(512L << 20, 512L << 20);

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  @Override
  protected Backend backend() {
    return BACKEND;
  }
}
