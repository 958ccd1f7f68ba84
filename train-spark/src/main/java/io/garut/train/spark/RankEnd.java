package io.garut.train.spark;

import java.util.Optional;

/**
 * How a rank ended, as a text, which every serializer knows.
 *
 * @param steps that the run has
 * @param attempt how often Spark had started the ranks before
 * @param problem why it has not come to its end
 */
record RankEnd(long steps, int attempt, Optional<String> problem) {
  private static final String SEPARATOR = "\n";

  String text() {
    return steps + SEPARATOR + attempt + SEPARATOR + problem.orElse("");
  }

  static RankEnd of(String text) {
    String[] parts = text.split(SEPARATOR, 3);
    return new RankEnd(
        Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Optional.of(parts[2]).filter(each -> !each.isEmpty()));
  }
}
