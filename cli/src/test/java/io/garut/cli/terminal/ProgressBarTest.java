package io.garut.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  @Test
  void nothingIsShownWithoutATerminal() {
    StringWriter err = new StringWriter();
    Console console = new Console(InputStream.nullInputStream(), new StringWriter(), err, Console.Terminals.NONE);
    try (ProgressBar bar = ProgressBar.of(console, "Converting", 200, Numbers::bytes)) {
      bar.done(50);
      assertThat(bar.line()).startsWith("Converting ██████░░░░░░░░░░░░░░░░░░ 25 %, 50 B of 200 B, ").endsWith(" left");
      bar.done(200);
      assertThat(bar.line()).contains("100 %, 200 B of 200 B");
    }
    try (ProgressBar bar = ProgressBar.unknown(console, "Loading it")) {
      assertThat(bar.line()).isEqualTo("Loading it… 0 s");
      bar.done(250, 1000); // now it is known how much there is
      assertThat(bar.line()).startsWith("Loading it ██████░").contains("25 %, 250 of 1,000");
    }
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void onATerminalItComesAfterASecondAndGoesAgain() throws InterruptedException {
    StringWriter err = new StringWriter();
    Console console =
        new Console(
            InputStream.nullInputStream(), new StringWriter(), err, new Console.Terminals(false, false, true));
    try (ProgressBar _ = ProgressBar.unknown(console, "Loading it")) {
      assertThat(err.toString()).isEmpty();
      Thread.sleep(1300);
    }
    assertThat(err.toString()).startsWith("\rLoading it… ").endsWith("\r\u001b[K");
  }
}
