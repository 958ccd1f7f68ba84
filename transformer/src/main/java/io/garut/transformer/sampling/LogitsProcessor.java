package io.garut.transformer.sampling;

import java.util.Arrays;

/**
 * Changes logits before a token is drawn: what is ruled out becomes −∞. Each does what the class of Transformers 5 that
 * it names does, with one token kept at least; where tokens are equally probable at the edge of top-p, those with the
 * larger ids stay, as after a stable sort.
 */
public sealed interface LogitsProcessor {
  /**
   * Changes {@code logits[0]} to {@code logits[count − 1]} in place; none of them is NaN or +∞.
   *
   * @param history the tokens so far, prompt included
   * @param historyLength how many of them count
   * @param scratch made for {@code count} tokens or more
   */
  void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch);

  /** {@code RepetitionPenaltyLogitsProcessor} (Keskar et al. 2019): once for each token that was there before. */
  record RepetitionPenalty(double penalty) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      int[] seen = scratch.seen;
      int stamp = scratch.nextStamp();
      float factor = (float) penalty;
      for (int i = 0; i < historyLength; i++) {
        int id = history[i];
        if (id < count && seen[id] != stamp) { // larger ids cannot be drawn
          seen[id] = stamp;
          logits[id] = logits[id] < 0 ? logits[id] * factor : logits[id] / factor;
        }
      }
    }
  }

  /** {@code NoRepeatNGramLogitsProcessor}: rules out what would complete n tokens that were there before. */
  record NoRepeatNgram(int size) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      int prefix = historyLength - size + 1;
      for (int start = 0; start < prefix; start++) {
        int last = history[start + size - 1];
        if (last < count
            && Arrays.equals(history, start, start + size - 1, history, prefix, historyLength)) {
          logits[last] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /** {@code TemperatureLogitsWarper}. */
  record Temperature(double temperature) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      float divisor = (float) temperature;
      for (int i = 0; i < count; i++) {
        logits[i] /= divisor;
      }
    }
  }

  /** {@code TopKLogitsWarper}: the k largest, and whatever equals the last of them. */
  record TopK(int k) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      if (k >= count) {
        return;
      }
      double[] weights = scratch.weights;
      for (int i = 0; i < count; i++) {
        weights[i] = logits[i] == Float.NEGATIVE_INFINITY ? 0 : 1;
      }
      keys(logits, count, scratch.keys);
      mask(logits, count, scratch.keys, scratch.threshold.find(scratch.keys, weights, count, k));
    }
  }

  /** {@code TopPLogitsWarper} (Holtzman et al. 2020): the most probable that together reach p. */
  record TopP(double p) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      double[] weights = scratch.weights;
      int[] keys = scratch.keys;
      Weights.fill(logits, count, Weights.max(logits, count), weights);
      double mass = p * Weights.sum(weights, count, scratch.sums);
      keys(logits, count, keys);
      int smallest = scratch.threshold.find(keys, weights, count, mass);
      mask(logits, count, keys, smallest);
      if (scratch.threshold.ties() == 1) {
        return;
      }
      double reached = scratch.threshold.before();
      boolean first = true;
      for (int i = count - 1; i >= 0; i--) {
        if (keys[i] == smallest) {
          if (!first && reached >= mass) {
            logits[i] = Float.NEGATIVE_INFINITY;
          }
          reached += weights[i];
          first = false;
        }
      }
    }
  }

  /** {@code MinPLogitsWarper} (Nguyen et al. 2024): what is at least p times as probable as the most probable. */
  record MinP(double p) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      double[] weights = scratch.weights;
      Weights.fill(logits, count, Weights.max(logits, count), weights);
      for (int i = 0; i < count; i++) {
        // The largest weight is 1. Writing all of them spares the processor guessing.
        logits[i] = weights[i] < p ? Float.NEGATIVE_INFINITY : logits[i];
      }
    }
  }

  /**
   * {@code TypicalLogitsWarper} (Meister et al. 2022): tokens in the order of how far their information is from the
   * entropy, until they reach the mass.
   */
  record Typical(double mass) implements LogitsProcessor {
    @Override
    public void process(float[] logits, int count, int[] history, int historyLength, SamplingScratch scratch) {
      double[] weights = scratch.weights;
      int[] keys = scratch.keys;
      float max = Weights.max(logits, count);
      Weights.fill(logits, count, max, weights);
      double sum = Weights.sum(weights, count, scratch.sums);
      double logSum = max + StrictMath.log(sum);
      double entropy = 0;
      for (int i = 0; i < count; i++) {
        if (weights[i] > 0) {
          entropy -= (logits[i] - logSum) * weights[i];
        }
      }
      entropy /= sum;
      for (int i = 0; i < count; i++) {
        float distance = (float) Math.abs(logSum - logits[i] - entropy);
        keys[i] = -Float.floatToRawIntBits(distance); // no sign: its bits sort as integers
      }
      int farthest = scratch.threshold.find(keys, weights, count, mass * sum);
      mask(logits, count, keys, farthest);
    }
  }

  private static void keys(float[] logits, int count, int[] keys) {
    for (int i = 0; i < count; i++) {
      keys[i] = Threshold.key(logits[i]);
    }
  }

  private static void mask(float[] logits, int count, int[] keys, int smallest) {
    for (int i = 0; i < count; i++) {
      logits[i] = keys[i] < smallest ? Float.NEGATIVE_INFINITY : logits[i];
    }
  }
}
