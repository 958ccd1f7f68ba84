package io.garut.train.data.reading;

import java.util.List;

/**
 * The bad records that were passed over.
 *
 * @param skipped how many
 * @param first what was wrong with the first few
 */
public record SkipReport(long skipped, List<String> first) {
  /** How many are told of one by one. */
  static final int TOLD = 10;

  /** Takes a copy. */
  public SkipReport {
    first = List.copyOf(first);
  }

  /** A line that counts them, and one for each of the first few. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(skipped).append(skipped == 1 ? " bad record" : " bad records");
    text.append(" passed over");
    first.forEach(message -> text.append("\n  ").append(message));
    return skipped > first.size() ? text.append("\n  …").toString() : text.toString();
  }
}
