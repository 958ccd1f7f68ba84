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
    return Executor.with(
        recorder,
        () -> {
          body.run();
          return recorder.finish();
        });
  }

  /**
   * Computes again.
   *
   * @throws IllegalStateException if an input has been closed, or has other storage than when it was recorded
   */
  void replay();

  /** The regions in the order in which they ran; work outside any has the empty name. */
  List<String> regions();

  /** Frees the storage of results and temporaries. */
  @Override
  void close();
}
