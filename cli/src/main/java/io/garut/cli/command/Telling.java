package io.garut.cli.command;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.transformer.generation.Generation;
import io.garut.transformer.generation.GenerationListener;
import java.util.LinkedHashMap;
import java.util.Map;

/** Prints a text as it comes, takes the time, and ends it on Ctrl-C or when nobody reads any more. */
final class Telling implements GenerationListener {
  private final Console console;
  private final Interruption interruption;
  private final boolean streams;
  private final long began = System.nanoTime();
  private long prompted;
  private long first;
  private String last = "";
  private ProgressBar bar;

  /** With {@code streams} the text is printed. */
  Telling(Console console, Interruption interruption, boolean streams) {
    this.console = console;
    this.interruption = interruption;
    this.streams = streams;
  }

  @Override
  public void text(String piece) {
    hideBar();
    if (first == 0) {
      first = System.nanoTime();
    }
    if (streams) {
      console.print(piece);
      last = piece;
    }
  }

  @Override
  public boolean cancelled() {
    return interruption.requested() || console.isBroken();
  }

  @Override
  public void prompt(int done, int total) {
    prompted = System.nanoTime();
    if (done == total) {
      hideBar();
    } else if (bar != null) {
      bar.done(done, total);
    }
  }

  private void hideBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** While a prompt is read. */
  interface Reading extends AutoCloseable {
    /** Shows nothing. */
    Reading HIDDEN = () -> {};

    @Override
    void close();
  }

  /** Shows how far the prompt is read, until there is text. */
  Reading reading() {
    bar = ProgressBar.unknown(console, "Reading the prompt");
    return this::hideBar;
  }

  /** Ends the line that the text ended in. */
  void endLine() {
    if (streams && !last.endsWith("\n")) {
      console.print("\n");
    }
  }

  /**
   * How fast it went.
   *
   * @param promptTokens read for it
   * @param newTokens drawn
   * @param promptSeconds until the prompt was read
   * @param firstSeconds until there was text; 0 where there was none
   * @param decodeSeconds from then to the end
   */
  record Times(int promptTokens, int newTokens, double promptSeconds, double firstSeconds, double decodeSeconds) {
    /** Tokens of the prompt read in a second. */
    double promptRate() {
      return promptSeconds > 0 ? promptTokens / promptSeconds : 0;
    }

    /** Tokens drawn in a second; the first comes from the prompt's own logits. */
    double decodeRate() {
      return newTokens > 1 && decodeSeconds > 0 ? (newTokens - 1) / decodeSeconds : 0;
    }

    /** For a program. */
    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("prompt_seconds", promptSeconds);
      json.put("first_text_seconds", firstSeconds);
      json.put("decode_seconds", decodeSeconds);
      json.put("prompt_tokens_per_second", promptRate());
      json.put("decode_tokens_per_second", decodeRate());
      return json;
    }

    /** For people. */
    String line() {
      String decode = decodeRate() > 0 ? " at " + Numbers.three(decodeRate()) + "/s" : "";
      String first = firstSeconds > 0 ? ", first text after " + Numbers.seconds(firstSeconds) : "";
      return "prompt " + Numbers.count(promptTokens, "token") + " at " + Numbers.three(promptRate()) + "/s, "
          + Numbers.whole(newTokens) + " new" + decode + first;
    }
  }

  /** The times of {@code generation}, which has just ended, of whose prompt {@code cached} tokens were known before. */
  Times times(Generation generation, int cached) {
    long now = System.nanoTime();
    long read = prompted == 0 ? now : prompted;
    return new Times(
        generation.promptTokens() - cached,
        generation.tokens().size(),
        (read - began) / 1e9,
        first == 0 ? 0 : (first - began) / 1e9,
        (now - read) / 1e9);
  }
}
