package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Backends;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.Pythia;
import io.garut.transformer.generation.DecodingSession;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A device of TornadoVM and the CPU choose the same tokens. Runs where the standard backend is the GPU's. */
class GpuGenerationTest {
  private static final int NEW = 12;
  private static final int[] PROMPT = IntStream.range(0, 19).map(i -> 7 + 1013 * i % 50000).toArray();

  @Test
  void chooseTheSameTokensAsTheCpu() {
    Backend gpu = Backends.standard();
    Assumptions.assumeTrue(gpu.name().equals("gpu"), "the standard backend is not the GPU's");
    int[] onGpu = Executor.with(gpu, GpuGenerationTest::tokens);
    try (Backend cpu = Backends.create("cpu")) {
      assertThat(onGpu).isEqualTo(Executor.with(cpu, GpuGenerationTest::tokens));
    }
    assertThat(Arrays.stream(onGpu).distinct().count()).as("tokens that differ from each other").isGreaterThan(1);
  }

  private static int[] tokens() {
    int[] tokens = new int[NEW];
    try (GptNeoX model = GptNeoX.random(Pythia.M160.config(), DType.F32, 1)) {
      model.prepare();
      try (DecodingSession session = new DecodingSession(model, 1, PROMPT.length + NEW, DType.F32)) {
        float[][] logits = {new float[model.config().vocabularySize()]};
        session.prefill(0, PROMPT, 0, PROMPT.length, logits[0]);
        for (int i = 0; i < NEW; i++) {
          tokens[i] = largest(logits[0]);
          session.step(new int[] {0}, new int[] {tokens[i]}, 1, logits);
        }
      }
    }
    return tokens;
  }

  private static int largest(float[] logits) {
    return IntStream.range(0, logits.length).reduce(0, (a, b) -> logits[b] > logits[a] ? b : a);
  }
}
