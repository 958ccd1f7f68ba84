package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.tensor.DType;
import io.garut.tensor.NonFiniteException;
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

  @Test
  void aWeightThatIsNotFiniteCannotBePrepared() {
    try (CpuBackend backend = new CpuBackend(1)) {
      for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
        float[] elements = new float[7 * 5];
        elements[3 * 5 + 2] = Float.NaN;
        Tensor weight = Executor.with(backend, () -> Tensor.of(elements, 7, 5).cast(type).named("layers.3.dense"));
        assertThatThrownBy(() -> Executor.with(backend, () -> prepared(weight)))
            .isInstanceOf(NonFiniteException.class)
            .hasMessageContaining("layers.3.dense")
            .hasMessageContaining("[3, 2]");
      }
    }
  }

  @Test
  void aPreparedWeightEntersOnlyLinearAndEmbedding() {
    assumeTrue(SimdSupport.available(), "without vectors, weights stay as they are");
    try (CpuBackend backend = new CpuBackend(1)) {
      Tensor weight = Executor.with(backend, () -> prepared(Tensor.ones(DType.F32, 7, 5).named("dense")));
      assertThatThrownBy(() -> Executor.with(backend, () -> weight.plus(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'dense'")
          .hasMessageContaining("linear and embedding");
      assertThat(Executor.with(backend, () -> prepared(weight))).isSameAs(weight);
      assertThat(weight.toFloatArray()).containsOnly(1);
    }
  }

  @Test
  void anAxisThatIsTooLongIsRefusedInWords() {
    assertThat(Operands.size(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> Operands.size(1L << 31))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2147483648")
        .hasMessageContaining("split the tensor");
  }

  private static Tensor prepared(Tensor weight) {
    weight.prepare();
    return weight;
  }

  @Test
  void settingsSayWhatIsWrong() {
    String before = System.setProperty("garut.threads", "many");
    try {
      assertThatThrownBy(() -> Backends.create("cpu"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("garut.threads is 'many'");
    } finally {
      if (before == null) {
        System.clearProperty("garut.threads");
      } else {
        System.setProperty("garut.threads", before);
      }
    }
  }
}
