package io.garut.cli.command;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Json;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.transformer.convert.Conversion;
import io.garut.transformer.convert.ConversionListener;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a conversion with a progress bar, and tells what came of it. */
final class Conversions {
  private final Console console;
  private final Interruption interruption;

  Conversions(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  /** A conversion that is ready to go. */
  interface Work {
    Conversion run(ConversionListener listener) throws IOException;
  }

  /** Runs {@code work}, which is known as {@code task}. */
  void run(String task, boolean json, Work work) throws IOException {
    long began = System.nanoTime();
    Conversion done;
    try (Interruption.Section _ = interruption.section();
        Watch watch = new Watch(task)) {
      done = work.run(watch);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    done.notes().forEach(console::note);
    if (json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("target", done.target());
      all.put("weights", done.weights());
      all.put("bytes", done.bytes());
      all.put("seconds", seconds);
      all.put("notes", done.notes());
      Json.print(console, all);
    } else {
      console.print(
          done.target() + ": " + Numbers.count(done.weights(), "tensor") + ", " + Numbers.bytes(done.bytes()) + ", in "
              + Numbers.seconds(seconds) + "\n");
    }
  }

  private final class Watch implements ConversionListener, AutoCloseable {
    private final String task;
    private ProgressBar bar;

    Watch(String task) {
      this.task = task;
    }

    @Override
    public void progress(String weight, long done, long total) {
      if (bar == null) {
        bar = ProgressBar.of(console, task, total, Numbers::bytes);
      }
      bar.done(done);
    }

    @Override
    public boolean cancelled() {
      return interruption.requested();
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
