package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatCommandTest {
  @TempDir private Path temporary;

  @Test
  void eachLineGetsAnAnswer() throws IOException {
    Path model = TinyModel.write(temporary.resolve("model"), false);
    Run one = Run.withInput("Why?\n", "chat", "-m", model, "--greedy", "-n", "4");
    assertThat(one.code()).isZero();
    assertThat(one.out()).endsWith("\n");
    assertThat(one.err()).isEmpty();

    String talk = "Why?\n/stats\n\nAnd\\\nthen?\n/stats\n/clear\n/stats\nWhy?\n/nonsense\n/help\n/exit\nnever heard\n";
    Run more = Run.withInput(talk, "chat", "-m", model, "--greedy", "-n", "4");
    assertThat(more.code()).isZero();
    assertThat(more.out()).startsWith(one.out()).endsWith(one.out()); // after /clear the same answer again
    assertThat(more.err())
        .containsPattern("User and Assistant; \\d+ of 192 tokens in the cache; 0 turns forgotten; greedy")
        .contains("[forgotten]", "; 0 of 192 tokens", "there is no /nonsense", "/clear   forget");
  }

  @Test
  void oldTurnsGoWhenTheContextIsFull() throws IOException {
    Path model = TinyModel.write(temporary.resolve("model"), false);
    Run run = Run.withInput("the sheep\n".repeat(16), "chat", "-m", model, "--seed", "2", "-n", "8");
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("the context was full: the oldest");
    Run large = Run.withInput("sheep ".repeat(190) + "\nsheep\n", "chat", "-m", model, "-n", "4");
    assertThat(large.code()).isZero();
    assertThat(large.err()).contains("shorten it");
    assertThat(large.out()).as("the second message is answered").isNotEmpty();
  }

  @Test
  void dollysFormatWhereTheTokensAre() throws IOException {
    Path model = TinyModel.write(temporary.resolve("model"), true);
    Run run = Run.withInput("Hi\n/stats\n", "chat", "-m", model, "-n", "2", "--context-length", "128");
    assertThat(run.err()).contains("Dolly's prompts");
  }

  @Test
  void interruptedItEndsWith130() throws IOException {
    Path model = TinyModel.write(temporary.resolve("model"), false);
    Interruption interruption = new Interruption();
    interruption.request();
    byte[] input = "Why?\nWhy?\n".getBytes(StandardCharsets.UTF_8);
    assertThat(Run.run(interruption, input, "chat", "-m", model).code()).isEqualTo(130);
  }

  @Test
  void promptsAreForThoseWhoTypeAndRead() throws IOException {
    Path model = TinyModel.write(temporary.resolve("model"), false);
    for (boolean reads : new boolean[] {false, true}) {
      StringWriter out = new StringWriter();
      InputStream input = new ByteArrayInputStream("/exit\n".getBytes(StandardCharsets.UTF_8));
      Console console =
          new Console(input, out, new StringWriter(), new Console.Terminals(true, reads, false));
      assertThat(Main.run(new String[] {"chat", "-m", model.toString()}, console, new Interruption())).isZero();
      assertThat(out.toString()).isEqualTo(reads ? "> " : "");
    }
  }
}
