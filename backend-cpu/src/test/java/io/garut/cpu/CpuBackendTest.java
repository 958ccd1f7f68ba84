package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Backends;
import io.garut.tensor.spi.Executor;
import org.junit.jupiter.api.Test;

class CpuBackendTest {
  @Test
  void serviceLoaderFindsIt() {
    try (Backend backend = Backends.create("cpu")) {
      assertThat(backend).isInstanceOf(CpuBackend.class);
      assertThat(backend.name()).isEqualTo("cpu");
    }
  }

  @Test
  void itIsTheStandardBackend() {
    assertThat(Executor.current().backend().name()).isEqualTo("cpu");
    try (Tensor sum = Tensor.arange(DType.F32, 5).plus(1)) {
      assertThat(sum.toFloatArray()).containsExactly(1, 2, 3, 4, 5);
    }
  }
}
