package io.garut.cpu;

import io.garut.tensor.DType;
import io.garut.tensor.conformance.BackendConformance;
import io.garut.tensor.spi.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

@Tag("kernel")
class CpuConformanceTest extends BackendConformance {
  private static final CpuBackend BACKEND = new CpuBackend(2);

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  @Override
  protected Backend backend() {
    return BACKEND;
  }

  /** A single row is quantised for products with packed Q4_0 in 16-bit integers. */
  @Override
  protected boolean quantisesInput(DType type) {
    return type == DType.Q4_0;
  }
}
