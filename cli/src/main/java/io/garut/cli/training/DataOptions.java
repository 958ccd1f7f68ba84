package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.dedup.DuplicateReport;
import io.garut.train.data.dedup.NearDuplicates;
import io.garut.train.data.reading.ReadOptions;
import io.garut.train.data.reading.RecordReader;
import io.garut.train.run.RunSettings;
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

  /** Refuses an option that only sets of records know. */
  void refuseNearDuplicates() {
    if (nearDuplicates != null) {
      throw Failure.usage(
          "--near-duplicates: pretrain does not compare documents; leave the option out, and remove such documents beforehand");
    }
  }

  /** Says what {@code reader}, which is at its end, has passed over. */
  void tellSkipped(RecordReader reader, Console console) {
    if (reader.skipped().skipped() > 0) {
      console.note(reader.skipped().toString());
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
      tellSkipped(reader, console);
      if (nearDuplicates != null) {
        DuplicateReport report = NearDuplicates.remove(records, nearDuplicates);
        console.note(report.toString());
        records = report.kept();
      }
      if (records.isEmpty()) {
        throw new Failure(ExitCode.DATA, "there is no record in " + paths + "; nothing can be learnt");
      }
      return records;
    }
  }

  /** Adds what is read to {@code settings}: plain files with their checksums, folders by their names. */
  RunSettings addTo(RunSettings settings) throws IOException {
    RunSettings all = settings;
    for (int i = 0; i < paths.size(); i++) {
      String name = i == 0 ? "data" : "data_" + (i + 1);
      Path path = paths.get(i);
      all = Files.isRegularFile(path) ? all.withFile(name, path) : all.with(name, RunOptions.absolute(path));
    }
    all = nearDuplicates == null ? all : all.with("near_duplicates", nearDuplicates);
    return all.with("skip_bad", skipBad);
  }
}
