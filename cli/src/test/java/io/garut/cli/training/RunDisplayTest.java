package io.garut.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.train.ModelFlops;
import io.garut.train.run.Evaluation;
import io.garut.train.run.Sample;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunDisplayTest {
  /** An emoji is two chars: what is cut is counted in characters. */
  @Test
  void longAnswersAreCutBetweenCharacters() {
    StringWriter err = new StringWriter();
    Console console =
        new Console(new ByteArrayInputStream(new byte[0]), new StringWriter(), err, Console.Terminals.NONE);
    RunDisplay display = new RunDisplay(console, new Interruption(), 10, 1, new ModelFlops(1, 1), 1e9);
    for (int count : new int[] {100, 150, 151, 400}) {
      display.evaluated(new Evaluation(1, 2, List.of(new Sample("What?", "\uD83D\uDC11".repeat(count)))));
    }
    console.err().flush();
    String sheep = "\uD83D\uDC11";
    assertThat(err.toString().lines().filter(line -> line.contains("→")))
        .containsExactly(
            "  What? → " + sheep.repeat(100), "  What? → " + sheep.repeat(150), "  What? → " + sheep.repeat(150) + " …",
            "  What? → " + sheep.repeat(150) + " …");
  }
}
