package io.garut.transformer.generation;

/** Why a text ended. */
public enum StopReason {
  /** The model produced the token that ends a document or an answer. */
  END,
  /** A stop string was produced; it is not part of the text. */
  STOP_STRING,
  /** The number of new tokens asked for was reached. */
  LENGTH,
  /** The model's context was full. */
  CONTEXT,
  /** The listener asked to stop. */
  CANCELLED
}
