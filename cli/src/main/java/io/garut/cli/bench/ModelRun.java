package io.garut.cli.bench;

import io.garut.cli.terminal.Interruption;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.generation.DecodingSession;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleConsumer;

/**
 * Measures one model: prompts and decoding, several times, of which the medians count.
 *
 * @param promptTokens of the prompt
 * @param decodeTokens after it
 * @param repetitions that count
 * @param interruption is looked at between them
 */
record ModelRun(int promptTokens, int decodeTokens, int repetitions, Interruption interruption) {
  /** So many seconds of work, at least, come before what counts: C2 needs as long for the kernels. */
  private static final double WARM_SECONDS = 4;

  private static final int LEAST_WARM_RUNS = 2;

  /** Rates of the prompt and of decoding, in tokens a second. */
  record Rates(double prompt, double decode) {}

  /** Runs {@code model}; {@code progress} hears what part is done. */
  Rates measure(GptNeoX model, DoubleConsumer progress) {
    int capacity = Math.min(model.contextLength(), promptTokens + decodeTokens);
    int[] prompt = new int[promptTokens];
    Arrays.setAll(prompt, i -> (int) (i * 7919L % model.vocabularySize()));
    float[][] logits = new float[1][model.vocabularySize()];
    double[] prompts = new double[repetitions];
    double[] decodes = new double[repetitions];
    try (DecodingSession session = new DecodingSession(model, 1, capacity, DType.F16)) {
      long began = System.nanoTime();
      for (int run = 0; run < LEAST_WARM_RUNS || (System.nanoTime() - began) / 1e9 < WARM_SECONDS; run++) {
        once(session, prompt, logits);
      }
      for (int run = 0; run < repetitions; run++) {
        progress.accept((double) run / repetitions);
        Rates rates = once(session, prompt, logits);
        prompts[run] = rates.prompt;
        decodes[run] = rates.decode;
      }
    }
    return new Rates(Measured.median(prompts), Measured.median(decodes));
  }

  private Rates once(DecodingSession session, int[] prompt, float[][] logits) {
    if (interruption.requested()) {
      throw new CancellationException("interrupted");
    }
    session.truncate(0, 0);
    long began = System.nanoTime();
    session.prefill(0, prompt, 0, prompt.length, logits[0]);
    long prompted = System.nanoTime();
    int[] slot = {0};
    int[] token = {prompt[prompt.length - 1]};
    for (int i = 0; i < decodeTokens; i++) {
      session.step(slot, token, 1, logits);
    }
    long done = System.nanoTime();
    return new Rates(prompt.length * 1e9 / (prompted - began), decodeTokens * 1e9 / (done - prompted));
  }

  /** Bytes of weights that a decoded token reads, in the types that the files have. */
  static long bytesRead(GptNeoX model) {
    List<Tensor> weights = model.weights();
    long all = weights.stream().mapToLong(weight -> weight.spec().bytes()).sum();
    Tensor embedding = weights.getFirst();
    long unread = model.config().tiedEmbeddings() ? 0 : embedding.spec().bytes() - rowBytes(embedding);
    return all - unread;
  }

  private static long rowBytes(Tensor table) {
    return table.dtype().bytes(table.shape().last());
  }
}
