package io.garut.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.Mapped;
import io.garut.train.data.Example;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The folder of reference results that the environment variable {@code GARUT_CONFORMANCE} names. Tests that need it are skipped
 * where it is not set.
 */
final class Conformance {
  private Conformance() {}

  /** {@code relative} in the folder; the calling test is skipped where there is no folder. */
  static Path path(String relative) {
    String folder = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(
        folder != null, "reference results " + relative + " are not here: GARUT_CONFORMANCE names their folder");
    Path path = Path.of(folder).resolve(relative);
    if (!Files.exists(path)) {
      throw new AssertionError(path + " is missing from GARUT_CONFORMANCE");
    }
    return path;
  }

  /** The checkpoints of the pack, in all forms that the hub has. */
  static Stream<String> models() {
    return Stream.of(
        "base", "bf16-safetensors", "dolly-like-bf16-sharded-bin", "pythia-like-fp16-bin", "sequential-residual",
        "tied-no-bias-gelu-new");
  }

  /** The small trained model that lies beside the folder. */
  static Path tales() {
    Path folder = path(".").toAbsolutePath().normalize().resolveSibling("models").resolve("tales-7m");
    Assumptions.assumeTrue(Files.isDirectory(folder), "the trained model tales-7m is not beside GARUT_CONFORMANCE");
    return folder;
  }

  static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    Arrays.setAll(values, i -> array.get(i).asInt());
    return values;
  }

  static float[] floats(Checkpoint checkpoint, String name) throws IOException {
    try (Mapped mapped = checkpoint.map(name)) {
      return mapped.segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
  }

  static long[] longs(Checkpoint checkpoint, String name) throws IOException {
    try (Mapped mapped = checkpoint.map(name)) {
      return mapped.segment().toArray(ValueLayout.JAVA_LONG_UNALIGNED);
    }
  }

  /** ‖got − wanted‖/‖wanted‖, Frobenius. */
  static double relativeError(float[] got, float[] wanted) {
    if (got.length != wanted.length) {
      throw new AssertionError(got.length + " values instead of " + wanted.length);
    }
    double difference = 0;
    double size = 0;
    for (int i = 0; i < wanted.length; i++) {
      double off = (double) got[i] - wanted[i];
      difference += off * off;
      size += (double) wanted[i] * wanted[i];
    }
    return Math.sqrt(difference / size);
  }

  /** log P(token) under {@code logits}. */
  static double logProbability(float[] logits, int token) {
    float largest = logits[argmax(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return logits[token] - largest - Math.log(sum);
  }

  static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  /** The rows of {@code input_ids} with their {@code labels}. */
  static List<Example> examples(Checkpoint batch, String suffix) throws IOException {
    int columns = (int) batch.entry("input_ids" + suffix).shape().dim(1);
    long[] ids = longs(batch, "input_ids" + suffix);
    long[] labels = longs(batch, "labels" + suffix);
    List<Example> rows = new ArrayList<>();
    for (int from = 0; from < ids.length; from += columns) {
      int[] row = new int[columns];
      int[] learnt = new int[columns];
      for (int i = 0; i < columns; i++) {
        row[i] = (int) ids[from + i];
        learnt[i] = (int) labels[from + i];
      }
      rows.add(new Example(row, learnt));
    }
    return rows;
  }
}
