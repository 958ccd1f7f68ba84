package io.garut.train.data.reading;

import io.garut.train.data.DataException;
import io.garut.train.data.LocatedRecord;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the records of files and folders, one after another and one at a time.
 *
 * <p>What a file holds is told by its name: {@code .jsonl}, {@code .ndjson} and {@code .json} hold a JSON object a line or
 * one list of them, {@code .csv} and {@code .tsv} a table whose first line names the fields, {@code .txt}, {@code
 * .text} and {@code .md} documents, separated by {@code <|endoftext|>}. Of a folder all such files are read, those in
 * folders within it too, in the order of their names; hidden ones are not.
 *
 * <p>What a record holds is told by its keys: {@code instruction} and {@code response}, perhaps {@code context} and
 * {@code category} (databricks-dolly-15k); {@code instruction} and {@code output}, perhaps {@code input} (Alpaca);
 * {@code messages}, a list of objects with {@code role} and {@code content}; {@code prompt} and {@code completion};
 * or {@code text}. Other keys are passed over. For one thread.
 */
public final class RecordReader implements Closeable {
  private enum Kind {
    JSON,
    CSV,
    TSV,
    TEXT
  }

  private static final Map<String, Kind> KINDS = Map.of(
      "jsonl", Kind.JSON, "ndjson", Kind.JSON, "json", Kind.JSON, "csv", Kind.CSV, "tsv", Kind.TSV, "txt", Kind.TEXT,
      "text", Kind.TEXT, "md", Kind.TEXT);

  private static final String ENDINGS = "*.jsonl, *.json, *.csv, *.tsv, *.txt or *.md";

  private final List<Path> files;
  private final ReadOptions options;
  private final List<String> firstSkipped = new ArrayList<>();
  private long skipped;
  private RecordFile current;
  private int opened;

  private RecordReader(List<Path> files, ReadOptions options) {
    this.files = files;
    this.options = options;
  }

  /**
   * The records of a file or a folder.
   *
   * @throws DataException if it is not there, or if its name, or no name in the folder, is one that is read
   * @throws IOException if it cannot be read
   */
  public static RecordReader open(Path fileOrFolder, ReadOptions options) throws IOException {
    return open(List.of(fileOrFolder), options);
  }

  /** The records of several files and folders, in this order. */
  public static RecordReader open(List<Path> filesAndFolders, ReadOptions options) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : filesAndFolders) {
      files.addAll(files(path));
    }
    return new RecordReader(List.copyOf(files), options);
  }

  /** All records of a file or a folder, the first bad one ends in an exception. For sets that fit into memory. */
  public static List<LocatedRecord> readAll(Path fileOrFolder) throws IOException {
    try (RecordReader reader = open(fileOrFolder, ReadOptions.strict())) {
      return reader.readAll();
    }
  }

  private static List<Path> files(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (Stream<Path> inside = Files.walk(path)) {
        List<Path> files = inside
            .filter(file -> kind(file).isPresent() && !isHidden(path.relativize(file)) && Files.isRegularFile(file))
            .sorted(Comparator.comparing(file -> path.relativize(file).toString().replace('\\', '/')))
            .toList();
        if (files.isEmpty()) {
          throw new DataException(path + ": no training data in this folder; expected files " + ENDINGS);
        }
        return files;
      } catch (UncheckedIOException e) { // a folder within it that cannot be read
        throw e.getCause();
      }
    }
    if (!Files.exists(path)) {
      throw new DataException(path + ": there is no such file or folder; name training data, files " + ENDINGS);
    }
    if (kind(path).isEmpty()) {
      throw new DataException(path + ": what this holds cannot be told by its name; expected " + ENDINGS);
    }
    return List.of(path);
  }

  private static boolean isHidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Kind> kind(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Optional.ofNullable(name.contains(".") ? KINDS.get(ending) : null);
  }

  /** The files that are read, in order. */
  public List<Path> files() {
    return files;
  }

  /**
   * The next record, or nothing after the last.
   *
   * @throws BadRecordException at a bad record, unless bad records are skipped, and at one after which its file cannot be
   *     read on; the message names file and line
   * @throws IOException if a file cannot be read
   */
  public Optional<LocatedRecord> next() throws IOException {
    while (true) {
      if (current == null) {
        if (opened == files.size()) {
          return Optional.empty();
        }
        current = open(files.get(opened++));
      }
      try {
        LocatedRecord record = current.next();
        if (record != null) {
          return Optional.of(record);
        }
        close();
      } catch (BadRecordException e) {
        if (!options.skipBad() || !e.canGoOn()) {
          throw e;
        }
        skipped++;
        if (firstSkipped.size() < SkipReport.TOLD) {
          firstSkipped.add(e.getMessage());
        }
      }
    }
  }

  /** All records that are left. For sets that fit into memory. */
  public List<LocatedRecord> readAll() throws IOException {
    List<LocatedRecord> records = new ArrayList<>();
    for (Optional<LocatedRecord> record = next(); record.isPresent(); record = next()) {
      records.add(record.get());
    }
    return records;
  }

  /** The bad records passed over so far. */
  public SkipReport skipped() {
    return new SkipReport(skipped, firstSkipped);
  }

  private RecordFile open(Path file) throws IOException {
    int longest = options.longestRecord();
    return switch (kind(file).orElseThrow()) {
      case TEXT -> new TextFile(file, longest);
      case CSV -> new CsvFile(new LineReader(file, longest), ',', longest);
      case TSV -> new CsvFile(new LineReader(file, longest), '\t', longest);
      case JSON -> JsonArrayFile.isOne(file)
          ? new JsonArrayFile(file, longest)
          : new JsonLinesFile(new LineReader(file, longest), longest);
    };
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}
