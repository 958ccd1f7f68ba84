package io.garut.tensor.spi;

import java.util.List;

/**
 * A recorded computation: resolved kernels over fixed addresses. Replaying it gives the bits that eager execution would
 * give for what its inputs hold now, without shape rules and without allocating.
 */
public interface Plan extends AutoCloseable {
  /** Records what {@code body} computes through {@code backend} on this thread. */
  static Plan record(Backend backend, Runnable body) {
    Recorder recorder = backend.recorder();
    boolean done = false;
    try {
      Executor.with(
          recorder,
          () -> {
            body.run();
            return null;
          });
      done = true;
      return recorder.finish();
    } finally {
      if (!done) {
        recorder.finish().close(); // the memory of what was recorded until the error
      }
    }
  }

  /**
   * Computes again. For one thread at a time: its results have one place.
   *
   * @throws IllegalStateException if an input has been closed, or has other storage than when it was recorded
   */
  void replay();

  /**
   * The names of the regions in the order in which they ran; work outside any has the empty name. Of nested ones the
   * innermost counts; what launched no kernel is not listed.
   */
  List<String> regions();

  /** Frees the storage of results and temporaries. */
  @Override
  void close();
}
