package io.garut.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, briefly, in this JVM and on small sizes: that it works is tested, not how fast it is. */
class BenchmarksTest {
  @Test
  void everyBenchmarkRunsAndReportsItsRates() throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .param("size", "48")
            .param("shape", "64x96")
            .param("tokens", "3")
            .param("context", "5")
            .param("dtype", "F32")
            .param("features", "64")
            .param("megabytes", "1")
            .param("activation", "GELU")
            .param("model", "TINY")
            .param("batch", "2x5")
            .param("rules", "TOP_P")
            .param("vocabulary", "300")
            .param("characters", "500");

    Collection<RunResult> results = new Runner(options.build()).run();

    assertThat(results).isNotEmpty().allSatisfy(result -> {
      assertThat(result.getPrimaryResult().getScore()).isPositive();
      assertThat(result.getSecondaryResults().values()).allMatch(rate -> rate.getScore() > 0);
    });
    Set<String> rates = new TreeSet<>();
    results.forEach(result -> rates.addAll(result.getSecondaryResults().keySet()));
    assertThat(rates).containsExactly("gigabyte", "gigaelement", "gigaflop", "megabyte", "token");
  }
}
