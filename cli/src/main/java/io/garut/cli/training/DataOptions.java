package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Numbers;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.dedup.DuplicateReport;
import io.garut.train.data.dedup.NearDuplicates;
import io.garut.train.data.reading.BadRecordException;
import io.garut.train.data.reading.ReadOptions;
import io.garut.train.data.reading.RecordReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of what is read. */
final class DataOptions {
  @Option(
      names = {"-d", "--data"},
      paramLabel = "PATH",
      split = ",",
      description = "JSON lines, JSON, CSV, text, or folders of these; several with commas or one by one.")
  List<Path> paths = new ArrayList<>();

  @Option(names = "--skip-bad", description = "Count records that cannot be used instead of ending at the first.")
  boolean skipBad;

  @Option(
      names = "--near-duplicates",
      paramLabel = "SIMILARITY",
      description = "Leave out records whose words are this similar to an earlier one's, from 0 to 1, such as 0.8.")
  Double nearDuplicates;

  /** Where picocli fills it in. */
  DataOptions() {}

  /** Refuses what is not there, before anything is done. */
  void check() {
    if (paths.isEmpty()) {
      throw Failure.usage("nothing to learn from is named; say --data PATH");
    }
    for (Path path : paths) {
      if (!Files.exists(path)) {
        throw new Failure(ExitCode.NO_INPUT, path + ": there is no such file or folder; check --data");
      }
    }
    if (nearDuplicates != null && !(nearDuplicates > 0 && nearDuplicates <= 1)) {
      throw Failure.usage("--near-duplicates " + nearDuplicates + ": a similarity is above 0 and at most 1");
    }
  }

  /** Begins to read. */
  RecordReader open() throws IOException {
    return RecordReader.open(paths, skipBad ? ReadOptions.skippingBad() : ReadOptions.strict());
  }

  /** All records, without near-duplicates if that was asked for. */
  List<LocatedRecord> read(Console console) throws IOException {
    try (RecordReader reader = open()) {
      List<LocatedRecord> records = reader.readAll();
      if (reader.skipped().skipped() > 0) {
        console.note(reader.skipped().toString());
      }
      if (nearDuplicates != null) {
        DuplicateReport report = NearDuplicates.remove(records, nearDuplicates);
        console.note(report.toString());
        records = report.kept();
      }
      if (records.isEmpty()) {
        throw new Failure(ExitCode.DATA, "there is no record in " + paths + "; nothing can be learnt");
      }
      return records;
    } catch (BadRecordException e) {
      String help = e.getMessage() + "; mend it, or leave such records out with --skip-bad";
      throw new Failure(ExitCode.DATA, help, e);
    }
  }

  /** The paths with the sizes of plain files, by which a run knows its data. */
  String describe() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path path : paths) {
      text.append(text.isEmpty() ? "" : ", ").append(path);
      if (Files.isRegularFile(path)) {
        text.append(" (").append(Numbers.whole(Files.size(path))).append(" bytes)");
      }
    }
    return text.toString();
  }
}
