package io.garut.cli.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How fast one model ran.
 *
 * @param model its name or shape
 * @param type of its matrices
 * @param parameters of the model
 * @param weightBytes that a decoded token reads: all weights, of the embedding one row
 * @param readySeconds until its weights were made or read, and packed
 * @param promptRate tokens of the prompt read in a second
 * @param decodeRate tokens decoded in a second
 * @param peakBytes of memory, where the system tells it
 */
record Measured(
    String model,
    String type,
    long parameters,
    long weightBytes,
    double readySeconds,
    double promptRate,
    double decodeRate,
    OptionalLong peakBytes) {

  /** Bytes of weights read in a second of decoding. */
  double decodeBytes() {
    return weightBytes * decodeRate;
  }

  /** What part of the read bandwidth that is. */
  double share(double bandwidth) {
    return decodeBytes() / bandwidth;
  }

  Map<String, Object> json(double bandwidth) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model);
    json.put("type", type);
    json.put("parameters", parameters);
    json.put("weight_bytes", weightBytes);
    json.put("ready_seconds", readySeconds);
    json.put("prompt_tokens_per_second", promptRate);
    json.put("decode_tokens_per_second", decodeRate);
    json.put("decode_gigabytes_per_second", decodeBytes() / 1e9);
    json.put("share_of_bandwidth", share(bandwidth));
    json.put("peak_bytes", peakBytes.isPresent() ? peakBytes.getAsLong() : null);
    return json;
  }

  /** The middle of {@code values}. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
