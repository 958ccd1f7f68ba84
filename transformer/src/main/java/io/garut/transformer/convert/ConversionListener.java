package io.garut.transformer.convert;

/** Hears how a conversion gets on, and may end it. */
@FunctionalInterface
public interface ConversionListener {
  /** {@code done} of {@code total} bytes of weights have been written; {@code weight} comes next. */
  void progress(String weight, long done, long total);

  /** Asked now and then: true ends the conversion, which then leaves nothing behind. */
  default boolean cancelled() {
    return false;
  }
}
