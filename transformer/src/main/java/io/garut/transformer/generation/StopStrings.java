package io.garut.transformer.generation;

import java.util.List;

/** Watches a stream of text for stop strings, and holds back what may be the beginning of one. */
final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Takes {@code piece}, and returns the text that is certain now. */
  String push(String piece) {
    if (found || piece.isEmpty()) {
      return "";
    }
    if (stops.isEmpty()) {
      return piece;
    }
    held.append(piece);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    if (first >= 0) {
      found = true;
      held.setLength(first);
      return flush();
    }
    int certain = held.length() - pending();
    String text = held.substring(0, certain);
    held.delete(0, certain);
    return text;
  }

  /** The length of the longest end of the held text that begins a stop string. */
  private int pending() {
    for (int length = held.length(); length > 0; length--) {
      String end = held.substring(held.length() - length);
      if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
        return length;
      }
    }
    return 0;
  }

  /** Whether a stop string has come. */
  boolean found() {
    return found;
  }

  /** What is held back, which nothing follows. */
  String flush() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }
}
