package io.garut.transformer.generation;

/** Hears a text as it comes. */
@FunctionalInterface
public interface GenerationListener {
  /** A piece of text, never empty; never ends inside a code point or inside what may become a stop string. */
  void text(String piece);

  /** Asked before each token: true ends the generation. */
  default boolean cancelled() {
    return false;
  }

  /** {@code done} of the prompt's {@code total} tokens have gone through the model. */
  default void prompt(int done, int total) {}
}
