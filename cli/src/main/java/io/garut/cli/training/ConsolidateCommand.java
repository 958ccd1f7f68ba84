package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.tensor.DType;
import io.garut.train.run.Checkpoints;
import io.garut.train.run.Consolidation;
import io.garut.train.run.StoredCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garut consolidate}. */
@Command(
    name = "consolidate",
    header = "Makes a model of a checkpoint to which several ranks wrote their parts.",
    description = {
      "",
      "Runs with --ranks keep their checkpoints in parts. This puts one together in Hugging Face's form, one weight after"
          + " the other; the checkpoint stays as it is.",
      ""
    },
    footer = {"", "Example:", "  garut consolidate runs/mine --out models/mine"})
public final class ConsolidateCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      paramLabel = "CHECKPOINT",
      description = "A checkpoint, or a run's folder, whose last checkpoint is taken.")
  private Path source;

  @Option(names = {"-o", "--out"}, paramLabel = "FOLDER", required = true, description = "The model's folder; it is made.")
  private Path out;

  @Option(names = "--type", paramLabel = "TYPE", description = "F32, F16 or BF16; ${DEFAULT-VALUE} unless given.")
  private DType type = DType.F32;

  /** Prints to {@code console}. */
  public ConsolidateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (type != DType.F32 && type != DType.F16 && type != DType.BF16) {
      throw Failure.usage("--type " + type + ": F32, F16 or BF16");
    }
    if (Files.exists(out)) {
      throw new Failure(ExitCode.CANNOT_CREATE, out + ": is there already; choose another --out");
    }
    StoredCheckpoint checkpoint = checkpoint();
    if (!checkpoint.isShared()) {
      throw new Failure(ExitCode.DATA, checkpoint.folder() + ": one rank wrote it, whole; use it as it is");
    }
    if (!Files.exists(checkpoint.folder().resolve("config.json"))) {
      throw new Failure(
          ExitCode.DATA,
          checkpoint.folder() + ": is of an adapter (--lora), not of a model; its run writes that at the end:"
              + " --resume goes on");
    }
    Consolidation.write(checkpoint, out, type);
    console.note(checkpoint.folder() + " is now the model " + out);
    return ExitCode.OK.code();
  }

  private StoredCheckpoint checkpoint() throws IOException {
    if (!Files.isDirectory(source)) {
      throw new Failure(ExitCode.NO_INPUT, source + ": there is no such folder");
    }
    if (Files.exists(source.resolve("trainer_state.json"))) {
      return new StoredCheckpoint(source, 0);
    }
    List<StoredCheckpoint> all = Checkpoints.list(source);
    if (all.isEmpty()) {
      throw new Failure(ExitCode.NO_INPUT, source + ": is no checkpoint, and holds none");
    }
    return all.getLast();
  }
}
