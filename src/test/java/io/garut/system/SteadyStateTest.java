package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.tensor.spi.Executor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.generation.DecodingSession;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What decoding costs once it runs. */
class SteadyStateTest {
  private static final int[] PROMPT = {5, 17, 80, 3, 44};
  private static final NeoXConfig CONFIG =
      new NeoXConfig(
          512, // the heads' size is 64, as Pythia's
          256,
          2,
          4,
          1024,
          Activation.GELU,
          new RotaryConfig(0.25, 10000, new RotaryConfig.Unscaled()),
          1024,
          1e-5,
          true,
          true,
          false,
          0,
          0);

  private static final int STEPS = 200;
  private static final long BOUND = 1024; // bytes of heap a token, all threads together

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * Before C2 has compiled the kernels their vectors are heap objects; so steps are made until it has, for a minute at
   * most.
   */
  @Test
  void stepsTakeNoStorageAndHardlyAnyHeap() {
    try (GptNeoX model = GptNeoX.random(CONFIG, DType.Q8_0, 3)) {
      model.prepare();
      try (DecodingSession session = new DecodingSession(model, 1, STEPS + PROMPT.length, DType.F16)) {
        float[][] logits = new float[1][model.vocabularySize()];
        session.prefill(0, PROMPT, 0, PROMPT.length, logits[0]);
        long deadline = System.nanoTime() + 60_000_000_000L;
        long perToken = heapPerStep(session, logits);
        while (perToken >= BOUND && System.nanoTime() < deadline) {
          perToken = heapPerStep(session, logits);
        }
        long storage = Executor.current().backend().pool().allocations();
        assertThat(heapPerStep(session, logits)).as("bytes of heap a token, all threads").isLessThan(BOUND);
        assertThat(Executor.current().backend().pool().allocations()).isEqualTo(storage);
      }
    }
  }

  private long heapPerStep(DecodingSession session, float[][] logits) {
    int[] slots = {0};
    int[] token = {9};
    session.truncate(0, PROMPT.length);
    long before = threads.getTotalThreadAllocatedBytes();
    for (int i = 0; i < STEPS; i++) {
      session.step(slots, token, 1, logits);
    }
    return (threads.getTotalThreadAllocatedBytes() - before) / STEPS;
  }
}
