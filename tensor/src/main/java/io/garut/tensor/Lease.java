package io.garut.tensor;

import io.garut.tensor.spi.Storage;
import java.lang.ref.Cleaner;

/** A tensor's hold on its storage, apart from the tensor so that a cleaner can end it. */
final class Lease implements Runnable {
  static final Cleaner CLEANER = Cleaner.create();

  volatile Storage storage;
  volatile boolean released;

  Lease(Storage storage) {
    this.storage = storage;
  }

  /**
   * Puts {@code other}, which is taken over, in the storage's place.
   *
   * @throws IllegalStateException if the tensor was closed in the meantime
   */
  synchronized void replace(Storage other) {
    if (other != storage) {
      if (released) {
        other.release();
        throw new IllegalStateException("the tensor was closed while its memory was replaced");
      }
      Storage before = storage;
      storage = other;
      before.release();
    }
  }

  @Override
  public synchronized void run() {
    if (!released) {
      released = true;
      storage.release();
    }
  }
}
