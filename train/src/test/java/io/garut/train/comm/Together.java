package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Runs the ranks of a group, each on a thread. */
final class Together {
  /** For what must not fail, however busy the machine is. */
  static final Duration GENEROUS = Duration.ofSeconds(60);

  /** For what must fail. */
  static final Duration SHORT = Duration.ofMillis(300);

  /** What a rank does. */
  interface Part {
    void run(Collective rank) throws Exception;
  }

  private Together() {}

  /** All ranks do their part without error. */
  static void succeed(List<Collective> group, Part part) {
    assertThat(run(group, part)).isEmpty();
  }

  /** What the part ended with, by rank, where it was no good end. */
  static Map<Integer, Throwable> run(List<Collective> group, Part part) {
    Map<Integer, Throwable> errors = new ConcurrentHashMap<>();
    List<Thread> threads = new ArrayList<>();
    for (Collective rank : group) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("rank " + rank.rank())
              .start(
                  () -> {
                    try {
                      part.run(rank);
                    } catch (Throwable e) {
                      errors.put(rank.rank(), e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      try {
        assertThat(thread.join(GENEROUS)).as("the end of " + thread.getName()).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted while the ranks run", e);
      }
    }
    return new TreeMap<>(errors);
  }

  /** The error of a rank, which must be one of communication. */
  static CommunicationException failure(Map<Integer, Throwable> errors, int rank) {
    assertThat(errors).containsKey(rank);
    assertThat(errors.get(rank)).isInstanceOf(CommunicationException.class);
    return (CommunicationException) errors.get(rank);
  }

  static void close(List<Collective> group) {
    group.forEach(Collective::close);
  }
}
