package io.garut.train.data.reading;

import io.garut.train.data.Source;
import java.util.ArrayList;
import java.util.List;

/** The fields of one CSV record, of one line or, where line ends stand in quotes, of several. */
final class CsvRecord {
  private enum State {
    BEGIN,
    PLAIN,
    QUOTED,
    CLOSED,
    AFTER
  }

  private final char separator;
  private final StringBuilder field = new StringBuilder();
  private List<String> values = new ArrayList<>();
  private State state = State.BEGIN;

  CsvRecord(char separator) {
    this.separator = separator;
  }

  /** Begins a record. */
  void clear() {
    values = new ArrayList<>();
    field.setLength(0);
    state = State.BEGIN;
  }

  /** A line end within quotes. */
  void lineEnd(String ending) {
    field.append(ending);
  }

  /**
   * Takes a line without its end.
   *
   * @return whether the record is complete; else its next line is due, after a {@link #lineEnd}
   */
  boolean add(String line, Source source) throws BadRecordException {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      switch (state) {
        case BEGIN -> {
          if (c == '"') {
            state = State.QUOTED;
          } else {
            state = State.PLAIN;
            plain(c);
          }
        }
        case PLAIN -> plain(c);
        case QUOTED -> {
          if (c == '"') {
            state = State.CLOSED;
          } else {
            field.append(c);
          }
        }
        case CLOSED -> {
          if (c == '"') {
            field.append(c);
            state = State.QUOTED;
          } else {
            after(c, source);
          }
        }
        case AFTER -> after(c, source);
      }
    }
    if (state == State.QUOTED) {
      return false;
    }
    end();
    return true;
  }

  /** Behind a closing quote; blanks are passed over there, as Commons CSV does. */
  private void after(char c, Source source) throws BadRecordException {
    state = State.AFTER;
    if (c == separator) {
      end();
    } else if (c != ' ' && c != '\t') {
      throw BadRecordException.record(
          source, "field " + (values.size() + 1) + " goes on after its closing quote (one within quotes is \"\")");
    }
  }

  private void plain(char c) {
    if (c == separator) {
      end();
    } else {
      field.append(c);
    }
  }

  private void end() {
    values.add(field.toString());
    field.setLength(0);
    state = State.BEGIN;
  }

  List<String> values() {
    return values;
  }
}
