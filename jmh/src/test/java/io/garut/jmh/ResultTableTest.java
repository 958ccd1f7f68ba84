package io.garut.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ResultTableTest {
  @Test
  void ratesStandInPlaceOfCallsAndOtherScoresAsTheyAre() throws IOException {
    String json =
        """
        [
          {"benchmark": "io.garut.jmh.MatVecBenchmark.matvec", "params": {"backend": "cpu", "dtype": "Q4_0"},
           "primaryMetric": {"score": 95.2, "scoreUnit": "ops/s"},
           "secondaryMetrics": {"gigabyte": {"score": 25.547}, "·gc.alloc.rate": {"score": 1}}},
          {"benchmark": "io.garut.jmh.DispatchBenchmark.apply",
           "primaryMetric": {"score": 151.28, "scoreUnit": "ns/op"}, "secondaryMetrics": {}}
        ]
        """;

    assertThat(ResultTable.lines(json))
        .containsExactly("| MatVec.matvec | cpu Q4_0 | 25.5 GB/s |", "| Dispatch.apply |  | 151 ns/op |");
  }
}
