package io.garut.transformer.evaluation;

import java.util.Arrays;

/** Means and their errors, as lm-evaluation-harness's {@code api/metrics.py} computes them. */
final class Statistics {
  private static final int RESAMPLES = Evaluator.RESAMPLES;

  /** Resamples that share a seed. */
  private static final int CHUNK = 1000;

  private Statistics() {}

  static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  /** That of a sample: over n − 1. */
  static double deviation(double[] values) {
    double mean = mean(values);
    return Math.sqrt(Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (values.length - 1));
  }

  static double meanError(double[] values) {
    return deviation(values) / Math.sqrt(values.length);
  }

  /** exp(−mean). */
  static double perplexity(double[] logLikelihoods) {
    return Math.exp(-mean(logLikelihoods));
  }

  /** The deviation of the perplexity over resamples drawn with replacement, each thousand from a seed of its own. */
  static double perplexityError(double[] logLikelihoods) {
    int count = logLikelihoods.length;
    double[] resampled = new double[RESAMPLES];
    for (int chunk = 0; chunk < RESAMPLES / CHUNK; chunk++) {
      PythonRandom random = new PythonRandom(chunk);
      for (int i = 0; i < CHUNK; i++) {
        double sum = 0;
        for (int j = 0; j < count; j++) {
          sum += logLikelihoods[random.index(count)];
        }
        resampled[chunk * CHUNK + i] = Math.exp(-sum / count);
      }
    }
    return deviation(resampled);
  }
}
