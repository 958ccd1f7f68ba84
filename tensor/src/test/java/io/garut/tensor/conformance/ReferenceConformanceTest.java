package io.garut.tensor.conformance;

import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Backend;
import org.junit.jupiter.api.AfterAll;

/** The reference against itself: every case is within the rules, repeatable, and replayed to the same bits. */
class ReferenceConformanceTest extends BackendConformance {
  private static final ReferenceBackend BACKEND = new ReferenceBackend();

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  @Override
  protected Backend backend() {
    return BACKEND;
  }
}
