package io.garut.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Turns JMH's results in JSON into a table in Markdown, a line a benchmark, rates in place of calls per second:
 * {@code java -cp jmh/target/benchmarks.jar io.garut.jmh.ResultTable results.json}.
 */
public final class ResultTable {
  private static final Map<String, String> UNITS =
      Map.of(
          "gigaflop", "GFLOP/s",
          "gigabyte", "GB/s",
          "gigaelement", "Gelem/s",
          "megabyte", "MB/s",
          "token", "tokens/s");

  private ResultTable() {}

  /** Prints the table of the files that are named. */
  public static void main(String[] files) throws IOException {
    System.out.println("| benchmark | parameters | score |");
    System.out.println("| --- | --- | --- |");
    for (String file : files) {
      lines(Files.readString(Path.of(file))).forEach(System.out::println);
    }
  }

  /** The lines below the head for results in {@code json}. */
  static List<String> lines(String json) throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode result : new ObjectMapper().readTree(json)) {
      String name = result.get("benchmark").asText().replaceFirst(".*\\.(\\w+)Benchmark\\.", "$1.");
      List<String> parameters = new ArrayList<>();
      result.path("params").forEach(value -> parameters.add(value.asText()));
      lines.add("| " + name + " | " + String.join(" ", parameters) + " | " + String.join(", ", scores(result)) + " |");
    }
    return lines;
  }

  private static List<String> scores(JsonNode result) {
    List<String> scores = new ArrayList<>();
    result
        .path("secondaryMetrics")
        .properties()
        .forEach(
            metric -> {
              if (UNITS.containsKey(metric.getKey())) {
                scores.add(score(metric.getValue(), UNITS.get(metric.getKey())));
              }
            });
    if (scores.isEmpty()) {
      JsonNode primary = result.get("primaryMetric");
      scores.add(score(primary, primary.get("scoreUnit").asText()));
    }
    return scores;
  }

  /** Three digits are more than such measurements give. */
  private static String score(JsonNode metric, String unit) {
    double score = metric.get("score").asDouble();
    int digits = (int) Math.clamp(2 - Math.floor(Math.log10(Math.max(score, 1e-9))), 0, 6);
    return String.format(Locale.ROOT, "%." + digits + "f %s", score, unit);
  }
}
