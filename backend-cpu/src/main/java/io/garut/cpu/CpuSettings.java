package io.garut.cpu;

/**
 * The settings of the CPU backend; the one place that reads them. The width of vectors is {@link SimdSupport}'s,
 * which has to work where the Vector API is missing.
 *
 * @param threads that compute, the calling thread included
 */
record CpuSettings(int threads) {
  /** The system property that sets the number of threads; by default, one a processor. */
  static final String THREADS = "garut.threads";

  /**
   * The settings in the system properties.
   *
   * @throws IllegalArgumentException if one is not what it should be
   */
  static CpuSettings read() {
    String text = System.getProperty(THREADS);
    if (text == null || text.isBlank()) {
      return new CpuSettings(Runtime.getRuntime().availableProcessors());
    }
    int threads;
    try {
      threads = Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      threads = 0;
    }
    if (threads < 1) {
      throw new IllegalArgumentException(THREADS + " is '" + text + "'; set it to a number of threads, 1 or more");
    }
    return new CpuSettings(threads);
  }
}
