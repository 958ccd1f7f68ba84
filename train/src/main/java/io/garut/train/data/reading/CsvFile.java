package io.garut.train.data.reading;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Source;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Comma-separated values (RFC 4180) whose first record names the fields, or the same with tabs. Empty lines are passed
 * over.
 *
 * <p>Written here, because a record must be bounded and its line known, and reading must go on after a bad one.
 */
final class CsvFile implements RecordFile {
  private final LineReader lines;
  private final int longest;
  private final CsvRecord record;
  private List<String> names;
  private Source source;

  CsvFile(LineReader lines, char separator, int longest) {
    this.lines = lines;
    this.longest = longest;
    this.record = new CsvRecord(separator);
  }

  @Override
  public LocatedRecord next() throws IOException {
    if (names == null) {
      names = header();
    }
    List<String> values = names.isEmpty() ? null : values();
    if (values == null) {
      return null;
    }
    if (values.size() != names.size()) {
      throw BadRecordException.record(
          source, "there are " + values.size() + " fields, the header names " + names.size());
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < names.size(); i++) {
      object.put(names.get(i), values.get(i));
    }
    return Fields.read(object, source);
  }

  private List<String> header() throws IOException {
    List<String> header;
    try {
      header = values();
    } catch (BadRecordException e) {
      throw e.canGoOn() ? BadRecordException.file(source, "the header cannot be read: " + e.what(), "mend it") : e;
    }
    if (header == null) {
      return List.of();
    }
    Set<String> distinct = new HashSet<>();
    for (String name : header) {
      if (!distinct.add(name) && !name.isEmpty()) {
        throw BadRecordException.file(
            source, "the header names " + BadRecordException.quoted(name) + " twice", "rename one of them");
      }
    }
    if (!Fields.isSchema(distinct)) {
      throw BadRecordException.file(
          source,
          "the header " + BadRecordException.quoted(String.join(",", header)) + " names no record's fields",
          "name " + Fields.SCHEMAS);
    }
    if (distinct.contains("messages")) {
      throw BadRecordException.file(source, "messages are a list, which CSV does not have", "use JSON Lines for them");
    }
    return header;
  }

  /** The values of the next record, or null after the last. */
  private List<String> values() throws IOException {
    String line = nextLine();
    while (line != null && line.isEmpty()) {
      line = nextLine();
    }
    if (line == null) {
      return null;
    }
    record.clear();
    Source first = source;
    long length = line.length();
    while (!record.add(line, first)) {
      String ending = lines.ending();
      line = nextLine();
      length += line == null ? 0 : line.length();
      source = first;
      if (line == null || length > longest) {
        throw BadRecordException.file(
            first, "a quote is opened and not closed within " + length + " characters", "close it; one within quotes is \"\"");
      }
      record.lineEnd(ending);
    }
    return record.values();
  }

  private String nextLine() throws IOException {
    try {
      return lines.next();
    } finally {
      source = lines.source();
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
