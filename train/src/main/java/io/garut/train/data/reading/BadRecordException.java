package io.garut.train.data.reading;

import io.garut.train.data.DataException;
import io.garut.train.data.Source;

/** A record that cannot be learnt from. The message is one line: {@code <file>:<line>: <what is wrong>; <what to do>}. */
public final class BadRecordException extends DataException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST_QUOTE = 60;

  private final String what;
  private final boolean readable;

  private BadRecordException(Source source, String what, String remedy, boolean readable) {
    super(source + ": " + what + "; " + remedy);
    this.what = what;
    this.readable = readable;
  }

  /** A record that can be passed over. */
  static BadRecordException record(Source source, String what) {
    return new BadRecordException(source, what, "mend or remove the record", true);
  }

  /** Damage after which no further record can be found in the file. */
  static BadRecordException file(Source source, String what, String remedy) {
    return new BadRecordException(source, what, remedy, false);
  }

  /** Whether the file can be read on after this record; if not, it ends the reading even where bad records are skipped. */
  public boolean canGoOn() {
    return readable;
  }

  /** What is wrong, without place and remedy. */
  String what() {
    return what;
  }

  /** {@code text} as a message may show it: in quotes, control characters replaced, cut where it is long. */
  static String quoted(String text) {
    int end = Math.min(text.length(), LONGEST_QUOTE);
    StringBuilder shown = new StringBuilder("\"");
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c) && Character.getType(c) != Character.FORMAT;
      shown.append(plain ? c : '\ufffd');
    }
    return shown.append(end < text.length() ? "…\"" : "\"").toString();
  }
}
