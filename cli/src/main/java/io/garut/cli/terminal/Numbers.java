package io.garut.cli.terminal;

import java.util.Locale;

/** Numbers as people read them. */
public final class Numbers {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

  private Numbers() {}

  /** Bytes in decimal units, three digits: {@code 13.7 MB}. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    return (unit == 0 ? Long.toString(bytes) : three(value)) + " " + UNITS[unit];
  }

  /** A whole number in groups of three: {@code 6,833,408}. */
  public static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Three digits: {@code 0.123}, {@code 12.3}, {@code 1234}. */
  public static String three(double value) {
    double size = Math.abs(value);
    int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A span of time: {@code 0.42 s}, {@code 3 min 20 s}. */
  public static String seconds(double seconds) {
    if (seconds < 60) {
      boolean whole = seconds >= 10 || seconds == Math.rint(seconds);
      return (whole ? Long.toString(Math.round(seconds)) : three(seconds)) + " s";
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? whole / 60 + " min " + whole % 60 + " s"
        : whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }

  /** {@code count} and its noun, which takes an s where it is not one. */
  public static String count(long count, String noun) {
    return whole(count) + " " + noun + (count == 1 ? "" : "s");
  }
}
