package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.ProgressBar;
import io.garut.train.run.StoredCheckpoint;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --model}. */
public final class ModelOption {
  /** The system property with the path of the model that comes with Garut: only the launcher knows where that lies. */
  static final String EMBEDDED = "garut.model";

  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description = "The model: a folder in Hugging Face's form, or a GGUF file; the one that comes with Garut unless given.")
  private Path path;

  /** Where picocli fills it in. */
  public ModelOption() {}

  /** Whether it was given. */
  public boolean isGiven() {
    return path != null;
  }

  /** The model's place, that of Garut's own where none was given; a failure where there is nothing. */
  public Path path() {
    if (path == null) {
      return embedded();
    }
    if (!Files.exists(path)) {
      throw new Failure(ExitCode.NO_INPUT, path + ": there is no such file or folder; check --model");
    }
    refuseParts();
    return path;
  }

  private void refuseParts() {
    try {
      if (StoredCheckpoint.isInParts(path)) {
        throw new Failure(
            ExitCode.DATA,
            path + ": is a checkpoint in parts, as ranks write them; make a model of it with garut consolidate " + path
                + " --out FOLDER");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path embedded() {
    String place = System.getProperty(EMBEDDED);
    if (place == null || !Files.exists(Path.of(place))) {
      throw Failure.usage("no model is named; say --model PATH, a Hugging Face folder or a GGUF file");
    }
    return Path.of(place);
  }

  /** Says, where none was given, which model it is and how to use another. */
  public void tell(Console console) {
    if (path == null) {
      console.note(
          "[" + name() + ", the small model that comes with Garut: a toy; --model PATH uses a larger one, such as a download of"
              + " EleutherAI/pythia-160m or databricks/dolly-v2-3b]");
    }
  }

  /** The model's name: that of its folder or file. */
  public String name() {
    Path name = path().toAbsolutePath().normalize().getFileName();
    return name == null ? path().toString() : name.toString();
  }

  /** Opens it with its adapter, if one was named, ready to compute; with a bar if that takes long. */
  public GptNeoX open(Console console, AdapterOption adapter) throws IOException {
    Path model = path();
    adapter.check();
    tell(console);
    try (ProgressBar _ = ProgressBar.unknown(console, "Loading " + name())) {
      return adapter.open(model);
    }
  }

  /** Opens its files only. */
  public ModelFiles files() throws IOException {
    return ModelFiles.open(path());
  }

  /** Its tokenizer; a failure where it has none. */
  public static Tokenizer tokenizer(GptNeoX model) {
    return model.tokenizer().orElseThrow(ModelOption::withoutTokenizer);
  }

  /** The failure of a model without a tokenizer. */
  public static Failure withoutTokenizer() {
    return new Failure(
        ExitCode.NO_INPUT, "the model came without a tokenizer; put its tokenizer.json beside the weights");
  }
}
