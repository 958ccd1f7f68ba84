package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.spi.Executor;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On the class path the Vector API can be missing: plain loops compute then, and one warning names the flag. */
class WithoutVectorApiTest {
  /** What the other JVM does. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      try (CpuBackend backend = new CpuBackend(2)) {
        float[] y =
            Executor.with(
                backend,
                () -> {
                  Tensor w = Tensor.ones(DType.F32, 3, 5);
                  w.prepare();
                  Tensor x = Tensor.arange(DType.F32, 10).reshape(2, 5);
                  return x.linear(w, Tensor.ones(DType.F32, 3), Activation.RELU).softmax(-1).sum(0).toFloatArray();
                });
        System.out.println("sum " + (y[0] + y[1] + y[2]));
      }
    }
  }

  @Test
  void plainLoopsComputeAndOneWarningNamesTheFlag() throws IOException, InterruptedException {
    ChildJvm.Result result = ChildJvm.start(List.of(), Program.class).finish();
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output()).contains("sum 2.0");
    assertThat(result.output().lines().filter(line -> line.contains("WARN"))).hasSize(1);
    assertThat(result.output()).contains("--add-modules jdk.incubator.vector");
  }
}
