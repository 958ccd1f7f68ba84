package io.garut.tensor.reference;

/**
 * The error function in double precision, by its Maclaurin series near 0 and Laplace's continued fraction for its
 * complement further out (Abramowitz and Stegun, 7.1.5 and 7.1.14).
 */
final class Erf {
  /** Where the series gives way to the continued fraction. */
  private static final double BORDER = 1.5;

  /** Terms of the series: the next one is below 2⁻⁶⁰ at the border. */
  private static final int TERMS = 30;

  /** Levels of the continued fraction: at the border what lies below them changes nothing in 17 digits. */
  private static final int LEVELS = 100;

  private static final double SQRT_PI = 1.772453850905516;

  /** 2/√π − 1: the product with x is added to x, so that its rounding hardly counts. */
  private static final double TWO_OVER_SQRT_PI_LESS_ONE = 0.1283791670955126;

  /** (2/√π)·(−1)ⁿ/(n!(2n + 1)). */
  private static final double[] SERIES = series();

  private Erf() {}

  /** erf(x) = 2/√π·∫₀ˣ exp(−t²) dt, to 1 ulp. */
  static double erf(double x) {
    double size = Math.abs(x);
    if (size < BORDER) {
      return x + x * series(x * x);
    }
    return Double.isNaN(x) ? x : Math.copySign(1 - fraction(size), x);
  }

  /** 1 − erf(x), to 1e-14 of its value; in the tail, from 1.5 on, to 1e-15. */
  static double erfc(double x) {
    if (Math.abs(x) < BORDER) {
      return 1 - (x + x * series(x * x));
    }
    return Double.isNaN(x) ? x : x > 0 ? fraction(x) : 2 - fraction(-x);
  }

  /** erf(x)/x − 1 by x². */
  private static double series(double square) {
    double sum = 0;
    for (int n = TERMS; n > 0; n--) {
      sum = (sum + SERIES[n]) * square;
    }
    return sum + TWO_OVER_SQRT_PI_LESS_ONE;
  }

  private static double[] series() {
    double[] terms = new double[TERMS + 1];
    double factorial = 1;
    for (int n = 0; n <= TERMS; n++) {
      factorial *= n == 0 ? 1 : -n;
      terms[n] = 2 / (SQRT_PI * factorial * (2 * n + 1));
    }
    return terms;
  }

  /** erfc(x) = exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))). */
  private static double fraction(double x) {
    double rest = x;
    for (int n = LEVELS; n > 0; n--) {
      rest = x + 0.5 * n / rest;
    }
    double square = x * x;
    double lost = Math.fma(x, x, -square); // exp would magnify it by x²
    double power = StrictMath.exp(-square);
    return power == 0 ? 0 : power * (1 - lost) / (SQRT_PI * rest);
  }
}
