package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.generation.DecodingSession;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * Whole models with random weights: a prompt of 128 tokens, and decoding after it.
 *
 * <p>A decoded token reads every weight once, but of the embedding a single row: {@code gigabyte} counts that, in the
 * type that files have. Of a prompt {@code gigaflop} counts the products with weights, of which the head sees the last
 * token only; attention comes on top.
 */
public class ModelBenchmark extends OnBackend {
  private static final int PROMPT = 128;
  private static final int DECODED = 8;
  private static final int CAPACITY = 2 * PROMPT;

  /** Which. */
  @Param({"PYTHIA_70M", "PYTHIA_160M"})
  public ModelShape model;

  /** Of the matrices; the cache is F16. */
  @Param({"F32", "F16", "Q8_0", "Q4_0"})
  public DType dtype;

  private final int[] prompt = new int[PROMPT];
  private final int[] slot = {0};
  private final int[] token = {0};
  private GptNeoX weights;
  private DecodingSession session;
  private float[][] logits;
  private long bytes;
  private double flops;

  @Override
  protected void make() {
    weights = GptNeoX.random(model.config(), dtype, 1);
    weights.prepare();
    bytes = weights.weights().stream().skip(1).mapToLong(weight -> weight.spec().bytes()).sum(); // embedding first
    long head = (long) weights.vocabularySize() * weights.config().hiddenSize();
    flops = 2.0 * (PROMPT * (weights.config().parameters() - 2 * head) + head); // vectors count for next to nothing
    session = new DecodingSession(weights, 1, CAPACITY, DType.F16);
    logits = new float[1][weights.vocabularySize()];
    Arrays.setAll(prompt, i -> i * 31 % weights.vocabularySize());
    session.prefill(0, prompt, 0, PROMPT, logits[0]);
  }

  @Override
  protected void release() {
    session.close();
    weights.close();
  }

  /** A prompt of 128 tokens, up to the logits of what follows. */
  @Benchmark
  public void prompt(Rates.Prompted rate) {
    session.truncate(0, 0);
    session.prefill(0, prompt, 0, PROMPT, logits[0]);
    rate.add(PROMPT, flops);
  }

  /** One token at a context of 128 to 256. */
  @Benchmark
  @OperationsPerInvocation(DECODED)
  public void decode(Rates.Decoded rate) {
    if (session.length(0) + DECODED > CAPACITY) {
      session.truncate(0, PROMPT);
    }
    for (int i = 0; i < DECODED; i++) {
      session.step(slot, token, 1, logits);
    }
    rate.add(DECODED, DECODED * bytes);
  }
}
