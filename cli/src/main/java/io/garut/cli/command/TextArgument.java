package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.List;

/** A text from the arguments, or from the input. */
final class TextArgument {
  private TextArgument() {}

  /**
   * The words joined by spaces; all of the input where there are none, or one "-".
   *
   * @param what it is, for the message to someone at a terminal who gave nothing
   */
  static String read(List<String> words, Console console, String what) throws IOException {
    boolean dash = words.equals(List.of("-"));
    if (!words.isEmpty() && !dash) {
      return String.join(" ", words);
    }
    if (!dash && console.terminals().in()) {
      throw Failure.usage("there is no " + what + "; write it behind the command, or pipe it in");
    }
    try {
      return console.readAll();
    } catch (CharacterCodingException e) {
      throw new Failure(ExitCode.DATA, "the input is not UTF-8; convert it, for example with iconv", e);
    }
  }
}
