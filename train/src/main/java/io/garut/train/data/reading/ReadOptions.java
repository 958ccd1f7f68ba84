package io.garut.train.data.reading;

/**
 * How records are read.
 *
 * @param skipBad whether bad records are counted and passed over; else the first one ends the reading
 * @param longestRecord a record of more bytes, before it is parsed, is bad; for a text file, the characters of the
 *     pieces that long documents come in
 */
public record ReadOptions(boolean skipBad, int longestRecord) {
  private static final int LONGEST_RECORD = 16 << 20;

  /** Checks the length. */
  public ReadOptions {
    if (longestRecord < 16) {
      throw new IllegalArgumentException("the longest record must have 16 bytes or more, not " + longestRecord);
    }
  }

  /** The first bad record ends the reading; one of more than 16 MiB is bad. */
  public static ReadOptions strict() {
    return new ReadOptions(false, LONGEST_RECORD);
  }

  /** Bad records are counted and passed over. */
  public static ReadOptions skippingBad() {
    return new ReadOptions(true, LONGEST_RECORD);
  }
}
