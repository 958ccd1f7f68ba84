package io.garut.transformer.tokenizer;

import java.io.IOException;

/** A tokenizer that cannot be read or written: the message names the file, the place in it and what to do. */
public final class TokenizerException extends IOException {
  private static final long serialVersionUID = 1;

  /** A problem at {@code place} within {@code source}. */
  TokenizerException(String source, String place, String problem) {
    super(source + ": " + (place.isEmpty() ? "" : place + ": ") + problem);
  }

  /** The same with what caused it. */
  TokenizerException(String source, String place, String problem, Throwable cause) {
    this(source, place, problem);
    initCause(cause);
  }

  /** Text from a file in quotes, cut to a length that fits a message. */
  static String quoted(String text) {
    return '"' + (text.length() <= 60 ? text : text.substring(0, 60) + "…") + '"';
  }
}
