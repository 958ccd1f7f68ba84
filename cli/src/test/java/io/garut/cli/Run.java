package io.garut.cli;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a command did.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it said besides
 */
record Run(int code, String out, String err) {
  /** Runs the command with these arguments and no input. */
  static Run garut(Object... args) {
    return withInput("", args);
  }

  /** Runs the command with {@code input}. */
  static Run withInput(String input, Object... args) {
    return run(new Interruption(), input.getBytes(StandardCharsets.UTF_8), args);
  }

  static Run run(Interruption interruption, byte[] input, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console = new Console(new ByteArrayInputStream(input), out, err, Console.Terminals.NONE);
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int code = Main.run(words, console, interruption);
    return new Run(code, out.toString(), err.toString());
  }
}
