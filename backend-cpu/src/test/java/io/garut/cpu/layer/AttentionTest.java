package io.garut.cpu.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.cpu.CpuBackend;
import io.garut.cpu.SimdSupport;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Executor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Attention over long and packed prompts, and with numbers that F16 caches cannot hold. */
@Tag("kernel")
class AttentionTest {
  private static final CpuBackend CPU = new CpuBackend(2);
  private static final ReferenceBackend PLAIN = new ReferenceBackend();

  @AfterAll
  static void close() {
    CPU.close();
    PLAIN.close();
  }

  private static float[] on(Backend backend, Op op, Supplier<Tensor[]> inputs) {
    return Executor.with(
        backend,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            return backend.apply(op, inputs.get())[0].toFloatArray();
          }
        });
  }

  /** A mean of values of up to {@code largest}, whose weights carry the roundings of scores of a few units. */
  private static void compare(Op op, Supplier<Tensor[]> inputs, float largest) {
    float[] fast = on(CPU, op, inputs);
    float[] plain = on(PLAIN, op, inputs);
    for (int i = 0; i < plain.length; i++) {
      assertThat(fast[i]).as("element %d", i).isCloseTo(plain[i], offset(64 * largest * 0x1p-24f));
    }
  }

  @Test
  void packedRecordsOfALongPrompt() {
    int tokens = 700;
    int[] starts = new int[tokens];
    for (int t = 1; t < tokens; t++) { // records of 1, 2, 3, … tokens, then one that is long
      int since = t - starts[t - 1];
      starts[t] = t < 300 && since * since > 2 * t ? t : starts[t - 1];
    }
    Supplier<Tensor[]> inputs =
        () ->
            new Tensor[] {
              Tensor.randn(Shape.of(tokens, 4, 24), 1),
              Tensor.randn(Shape.of(tokens, 2, 24), 2),
              Tensor.randn(Shape.of(tokens, 2, 24), 3),
              Tensor.of(starts)
            };
    compare(new Layer.Attention(0.2f), inputs, 5);
  }

  @Test
  void aPromptInChunksOfSeveralSequences() {
    int[] slots = new int[150];
    int[] positions = new int[150];
    for (int t = 0; t < 150; t++) { // 70 tokens of one sequence, 3 of another, one each of two, 75 of the first
      slots[t] = t < 70 ? 0 : t < 73 ? 1 : t < 75 ? t - 72 : 0;
      positions[t] = t < 70 ? 5 + t : t < 73 ? t : t < 75 ? 99 : t;
    }
    for (DType type : List.of(DType.F32, DType.F16)) {
      Supplier<Tensor[]> inputs =
          () ->
              new Tensor[] {
                Tensor.randn(Shape.of(150, 2, 32), 1),
                Tensor.randn(Shape.of(3, 2, 160, 32), 2).cast(type),
                Tensor.randn(Shape.of(3, 2, 160, 32), 3).cast(type),
                Tensor.of(slots),
                Tensor.of(positions)
              };
      compare(new Layer.CachedAttention(0.2f), inputs, 5);
    }
  }

  /** One query: an infinity in keys or values, a huge query. What the loops make of it, the kernels make too. */
  @Test
  void whatIsNotFiniteInAnF16CacheIsSeen() {
    float[] odd = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 65504, 1e30f};
    for (float value : odd) {
      for (int where = 0; where < 3; where++) {
        int place = where;
        Supplier<Tensor[]> inputs =
            () -> {
              Tensor q = Tensor.ones(DType.F32, 1, 1, 32);
              Tensor k = Tensor.randn(Shape.of(1, 1, 50, 32), 2);
              Tensor v = Tensor.randn(Shape.of(1, 1, 50, 32), 3);
              float[] row = {value};
              List.of(q, k, v).get(place).set(row, 1);
              int[] zero = {0};
              int[] last = {48};
              return new Tensor[] {q, k.cast(DType.F16), v.cast(DType.F16), Tensor.of(zero), Tensor.of(last)};
            };
        Op op = new Layer.CachedAttention(1);
        float[] fast = on(CPU, op, inputs);
        float[] plain = on(PLAIN, op, inputs);
        for (int i = 0; i < plain.length; i++) {
          if (Float.isFinite(plain[i])) {
            assertThat(fast[i]).isCloseTo(plain[i], offset(Math.max(5, Math.abs(plain[i])) * 0x1p-18f));
          } else {
            assertThat((Float) fast[i]).as("%s in input %d, element %d", value, place, i).isEqualTo((Float) plain[i]);
          }
        }
      }
    }
  }

  /** Of three records of 30 tokens the second has a key or value that is not finite; tiles have tokens of two records. */
  @Test
  void whatIsNotFiniteReachesOnlyThoseWhoSeeIt() {
    int[] starts = new int[90];
    Arrays.setAll(starts, t -> t / 30 * 30);
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int place : new int[] {1, 2}) {
        Supplier<Tensor[]> inputs =
            () -> {
              Tensor[] all = {
                Tensor.randn(Shape.of(90, 2, 24), 1),
                Tensor.randn(Shape.of(90, 2, 24), 2),
                Tensor.randn(Shape.of(90, 2, 24), 3),
                Tensor.of(starts)
              };
              float[] spoilt = all[place].toFloatArray();
              spoilt[(40 * 2 + 1) * 24 + 5] = value;
              all[place] = Tensor.of(spoilt, 90, 2, 24);
              return all;
            };
        Op op = new Layer.Attention(0.2f);
        float[] fast = on(CPU, op, inputs);
        float[] plain = on(PLAIN, op, inputs);
        for (int i = 0; i < plain.length; i++) {
          String where = value + " in input " + place + ", element " + i;
          if (Float.isFinite(plain[i])) {
            assertThat(fast[i]).as(where).isCloseTo(plain[i], offset(64 * 4 * 0x1p-24f)); // as in compare
          } else {
            assertThat((Float) fast[i]).as(where).isEqualTo((Float) plain[i]);
          }
        }
        assertThat(fast[(39 * 2 + 1) * 24 + 5]).as("the token before").isFinite();
      }
    }
  }

  @Test
  void equalTokensAreEqualWhateverTheThreads() {
    Supplier<Tensor[]> inputs =
        () ->
            new Tensor[] {
              Tensor.randn(Shape.of(90, 3, 40), 1),
              Tensor.randn(Shape.of(90, 3, 40), 2),
              Tensor.randn(Shape.of(90, 3, 40), 3),
              Tensor.zeros(DType.I32, 90)
            };
    Op op = new Layer.Attention(0.2f);
    float[] two = on(CPU, op, inputs);
    try (CpuBackend five = new CpuBackend(5)) {
      assertThat(on(five, op, inputs)).isEqualTo(two);
    }
  }

  /** Scores of 8,192 tokens with each other would take 268 MB a head. */
  @Test
  void aLongPromptTakesNoSquareOfMemory() throws IOException {
    assumeTrue(SimdSupport.available(), "the plain loops would take minutes");
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.isReadable(status), "the peak of memory is read from /proc");
    int tokens = 8_192;
    long before = peak(status);
    Supplier<Tensor[]> inputs =
        () ->
            new Tensor[] {
              Tensor.rand(Shape.of(tokens, 1, 16), 1),
              Tensor.rand(Shape.of(tokens, 1, 16), 2),
              Tensor.rand(Shape.of(tokens, 1, 16), 3),
              Tensor.zeros(DType.I32, tokens)
            };
    float[] mean = on(CPU, new Layer.Attention(0), inputs); // a scale of 0: the plain mean of the values so far
    assertThat(peak(status) - before).as("kB more at the peak").isLessThan(100_000);
    float[] last = Arrays.copyOfRange(mean, mean.length - 16, mean.length);
    for (float x : last) {
      assertThat(x).isCloseTo(0.5f, offset(0.02f)); // 6 standard deviations of the mean
    }
  }

  private static long peak(Path status) throws IOException {
    String line = Files.readAllLines(status).stream().filter(l -> l.startsWith("VmHWM")).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}
