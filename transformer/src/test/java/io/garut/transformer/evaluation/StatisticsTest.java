package io.garut.transformer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  /** The figures are CPython's. */
  @Test
  void theTwisterIsPythons() {
    PythonRandom zero = new PythonRandom(0);
    assertThat(zero.uniform()).isEqualTo(0.8444218515250481);
    assertThat(zero.uniform()).isEqualTo(0.7579544029403025);
    assertThat(zero.uniform()).isEqualTo(0.420571580830845);
    PythonRandom other = new PythonRandom(99);
    assertThat(other.uniform()).isEqualTo(0.40397807494366633);
    for (int i = 2; i < 2000; i++) { // beyond three twists
      other.uniform();
    }
    assertThat(other.uniform()).isEqualTo(0.8196178850978406);
  }

  @Test
  void meansAndTheirErrors() {
    double[] marks = {1, 0, 0, 1, 1};
    assertThat(Statistics.mean(marks)).isEqualTo(0.6);
    assertThat(Statistics.meanError(marks)).isCloseTo(Math.sqrt(0.3) / Math.sqrt(5), within(1e-15));
    assertThat(Statistics.perplexity(new double[] {-1, -3})).isCloseTo(Math.exp(2), within(1e-14));
  }

  @Test
  void theErrorOfAPerplexityIsTheHarnesss() throws IOException {
    JsonNode expected = Fixtures.expected(Task.LAMBADA);
    double[] values = new double[expected.get("items").size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = expected.get("items").get(i).get("log_likelihoods").get(0).asDouble();
    }
    double wanted = expected.get("scores").get("perplexity_stderr").asDouble();
    // 100,000 terms, summed by Python with compensation
    assertThat(Statistics.perplexityError(values)).isCloseTo(wanted, within(wanted * 1e5 * 0x1p-52));
  }
}
