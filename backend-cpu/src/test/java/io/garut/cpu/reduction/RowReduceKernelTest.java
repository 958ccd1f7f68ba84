package io.garut.cpu.reduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.garut.cpu.CpuBackend;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.spi.Executor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("kernel")
class RowReduceKernelTest {
  /** Rows of whole blocks, of which four are summed at a time, and others. */
  @ParameterizedTest
  @CsvSource({"31, 4096", "7, 8192", "3, 36864", "5, 4097", "9, 12287"})
  void aSumHasTheBitsThatItsRowGetsAlone(int rows, int width) {
    try (CpuBackend backend = new CpuBackend(2)) {
      Executor.with(
          backend,
          () -> {
            try (TensorScope _ = TensorScope.open()) {
              Tensor x = Tensor.randn(Shape.of(rows, width), 7);
              float[] elements = x.toFloatArray();
              float[] sums = x.reduce(Fold.SUM, 1).toFloatArray();
              for (int row = 0; row < rows; row++) {
                assertThat(sums[row]).isEqualTo(x.slice(0, row, row + 1).sum().toFloatArray()[0]);
                double exact = 0;
                double magnitudes = 0;
                for (int i = row * width; i < (row + 1) * width; i++) {
                  exact += elements[i];
                  magnitudes += Math.abs(elements[i]);
                }
                // a lane of a block adds up to 4096 / 16 elements one after another
                assertThat((double) sums[row]).isCloseTo(exact, offset(magnitudes * 300 * 0x1p-24));
              }
            }
            return null;
          });
    }
  }
}
