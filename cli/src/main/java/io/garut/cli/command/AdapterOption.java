package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.lora.LoraAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --adapter}, of the commands that compute with a model. */
public final class AdapterOption {
  @Option(
      names = "--adapter",
      paramLabel = "FOLDER",
      description = "An adapter (LoRA, in PEFT's form) to put on the model.")
  private Path folder;

  /** Where picocli fills it in. */
  public AdapterOption() {}

  /** Refuses what is not there. */
  void check() {
    if (folder != null && !Files.isDirectory(folder)) {
      throw new Failure(ExitCode.NO_INPUT, folder + ": there is no such folder; check --adapter");
    }
  }

  /** Opens {@code model} with the adapter, if one was named. */
  GptNeoX open(Path model) throws IOException {
    if (folder == null) {
      return GptNeoX.open(model);
    }
    GptNeoX opened = GptNeoX.load(model);
    try {
      LoraAdapter.load(opened, folder);
      opened.prepare();
      return opened;
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }
}
