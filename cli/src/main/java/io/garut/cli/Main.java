package io.garut.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code garut}: reads the arguments and hands over to a sub-command. */
@Command(
    name = "garut",
    mixinStandardHelpOptions = true,
    version = "garut 0.1.0-SNAPSHOT",
    description = "Runs GPT-NeoX language models in pure Java.")
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command and exits with its code, as {@code sysexits} numbers them. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }
}
