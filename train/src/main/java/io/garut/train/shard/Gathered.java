package io.garut.train.shard;

/** Weights that are whole on this rank until it is closed. */
public interface Gathered extends AutoCloseable {
  @Override
  void close();
}
