package io.garut.tensor.spi;

/**
 * Computes and takes notes. What goes through it between creation and {@link #finish} is computed at once, in storage
 * that stays, and can be replayed.
 */
public interface Recorder extends Executor {
  /** Ends the recording. Tensors kept from it live in the plan's storage and hold the results of its latest replay. */
  Plan finish();
}
