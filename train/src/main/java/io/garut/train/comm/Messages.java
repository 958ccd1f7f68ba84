package io.garut.train.comm;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Texts that transports share. */
public final class Messages {
  private Messages() {}

  /** Of ranks that others have waited for in vain, such as {@code has not come to}. */
  public static String late(int[] ranks, String lateness, Call call, long deadlineNanos) {
    return names(ranks) + " " + (ranks.length == 1 ? lateness : lateness.replaceFirst("has", "have")) + " " + call
        + " within " + text(deadlineNanos) + ": is it running, or does it need a longer deadline?";
  }

  /** Such as {@code ranks 2, 5}. */
  public static String names(int[] ranks) {
    return (ranks.length == 1 ? "rank " : "ranks ")
        + Arrays.stream(ranks).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  /** Such as {@code 500 ms} or {@code 60 s}. */
  public static String text(long nanos) {
    Duration duration = Duration.ofNanos(nanos);
    return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }
}
