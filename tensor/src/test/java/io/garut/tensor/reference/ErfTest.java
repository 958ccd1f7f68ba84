package io.garut.tensor.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

/** Besides the 97 values of erf that mpmath made, to 1 ulp, in TensorFixtureTest. */
class ErfTest {
  /** mpmath's erfc of the double x to 20 digits. */
  private static final String[][] ERFC = {
    {"0.5", "0.47950012218695346232"},
    {"1.4999", "0.033906748337704729378"},
    {"1.5", "0.033894853524689272933"},
    {"2", "0.0046777349810472658379"},
    {"5", "1.5374597944280348502e-12"},
    {"10", "2.088487583762544757e-45"},
    {"26", "5.6631924088561428465e-296"},
    {"-3", "1.9999779095030014146"}
  };

  @Test
  void erfcKeepsItsDigitsInTheTail() {
    for (String[] pair : ERFC) {
      double exact = new BigDecimal(pair[1]).doubleValue();
      double error = Math.abs(Erf.erfc(Double.parseDouble(pair[0])) - exact);
      // near 0 it is 1 - erf, with erf's error of an ulp
      assertThat(error).as("erfc(%s)", pair[0]).isLessThan(1e-15 * exact + 0x1p-52);
      if (Double.parseDouble(pair[0]) >= 1.5) {
        assertThat(error).as("erfc(%s)", pair[0]).isLessThan(1e-15 * exact);
      }
    }
  }

  @Test
  void theTwoAddUpToOne() {
    for (double x = -7; x <= 7; x += 0.0137) {
      assertThat(Math.abs(Erf.erf(x) + Erf.erfc(x) - 1)).as("%s", x).isLessThanOrEqualTo(0x1p-51);
      assertThat(Erf.erf(-x)).isEqualTo(-Erf.erf(x));
    }
  }

  @Test
  void knowsItsLimits() {
    assertThat(Erf.erf(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(Erf.erf(Double.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(Erf.erfc(Double.POSITIVE_INFINITY)).isZero();
    assertThat(Erf.erfc(Double.NEGATIVE_INFINITY)).isEqualTo(2);
    assertThat(Erf.erf(Double.NaN)).isNaN();
    assertThat(Erf.erfc(Double.NaN)).isNaN();
    assertThat(Erf.erf(0.0)).isZero();
    assertThat(1 / Erf.erf(-0.0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Erf.erf(Double.MIN_VALUE)).isEqualTo(Double.MIN_VALUE);
    assertThat(Erf.erf(1e-200)).isEqualTo(1.1283791670955125e-200);
  }
}
