package io.garut.cli.training;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Numbers;
import io.garut.train.ModelFlops;
import io.garut.train.StepReport;
import io.garut.train.run.Evaluation;
import io.garut.train.run.Sample;
import io.garut.train.run.TrainingListener;
import java.nio.file.Path;
import java.util.Locale;

/** Tells on the terminal how a run gets on. */
final class RunDisplay implements TrainingListener {
  private static final int MOST_SHOWN = 150; // characters of an answer
  private static final double SMOOTH = 0.9; // of the time a step takes

  private final Console console;
  private final Interruption interruption;
  private final long steps;
  private final int logEvery;
  private final ModelFlops flops;
  private double peak;
  private double loss;
  private long counted;
  private double seconds;
  private double tokens;
  private double operations;

  /**
   * A display.
   *
   * @param steps of the whole run
   * @param flops that a step does
   * @param peak such operations a second that the machine can do
   */
  RunDisplay(Console console, Interruption interruption, long steps, int logEvery, ModelFlops flops, double peak) {
    this.console = console;
    this.interruption = interruption;
    this.steps = steps;
    this.logEvery = logEvery;
    this.flops = flops;
    this.peak = peak;
  }

  @Override
  public void step(StepReport report) {
    report.skipped().ifPresent(
        name -> line("step " + report.step() + " is skipped: the gradient of " + name + " is not finite"));
    loss += report.loss();
    counted++;
    seconds = seconds == 0 ? report.seconds() : SMOOTH * seconds + (1 - SMOOTH) * report.seconds();
    tokens = tokens == 0 ? report.tokens() : SMOOTH * tokens + (1 - SMOOTH) * report.tokens();
    double now = flops.of(report.tokens(), report.learnt());
    peak = Math.max(peak, now / report.seconds()); // it may have been measured while others worked
    operations = operations == 0 ? now : SMOOTH * operations + (1 - SMOOTH) * now;
    String text = String.format(
        Locale.ROOT,
        "step %d/%d  loss %.4f  rate %.3g  norm %s  %s tokens/s  %.0f %% of peak  %s left",
        report.step(),
        steps,
        loss / counted,
        report.learningRate(),
        Numbers.three(report.gradientNorm()),
        Numbers.three(tokens / seconds),
        100 * operations / seconds / peak,
        Numbers.seconds(Math.ceil((steps - report.step()) * seconds)));
    if (report.step() % logEvery == 0 || report.step() == steps) {
      line(text);
      loss = 0;
      counted = 0;
    } else if (console.terminals().err() && !console.isQuiet()) {
      console.err().print("\r" + text + "\u001b[K");
      console.err().flush();
    }
  }

  private void line(String text) {
    console.note((console.terminals().err() ? "\r\u001b[K" : "") + text);
  }

  @Override
  public void evaluated(Evaluation evaluation) {
    if (!Double.isNaN(evaluation.loss())) {
      line(String.format(
          Locale.ROOT,
          "evaluation at step %d: loss %.4f, perplexity %s",
          evaluation.step(),
          evaluation.loss(),
          Numbers.three(Math.exp(evaluation.loss()))));
    }
    for (Sample sample : evaluation.samples()) {
      console.note("  " + sample.prompt() + " → " + shortened(sample.answer()));
    }
  }

  private static String shortened(String answer) {
    String one = answer.replaceAll("\\s+", " ");
    int characters = one.codePointCount(0, one.length());
    return characters <= MOST_SHOWN ? one : one.substring(0, one.offsetByCodePoints(0, MOST_SHOWN)) + " …";
  }

  @Override
  public void saved(long step, Path checkpoint) {
    line("checkpoint " + checkpoint);
  }

  /** Says what the first Ctrl-C does, and the second. */
  void interrupted() {
    line("finishing this step; Ctrl-C again ends at once");
  }

  @Override
  public boolean stop() {
    return interruption.requested();
  }
}
