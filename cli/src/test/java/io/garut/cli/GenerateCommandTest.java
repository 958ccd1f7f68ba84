package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.cli.terminal.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  @TempDir static Path shared;
  private static Path raw;
  private static Path dolly;

  @BeforeAll
  static void write() throws IOException {
    raw = TinyModel.write(shared.resolve("raw"), false);
    dolly = TinyModel.write(shared.resolve("dolly"), true);
  }

  private static JsonNode json(Object... args) throws IOException {
    Run run = Run.garut(args);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void theDocumentTellsEverything() throws IOException {
    JsonNode json = json("generate", "-m", raw, "--json", "--seed", "7", "-n", "12", "Once upon a time");
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "model", "format", "text", "reason", "prompt_tokens", "new_tokens", "seed", "tokens", "timing");
    assertThat(json.get("format").asText()).isEqualTo("raw");
    assertThat(json.get("reason").asText()).isEqualTo("length");
    assertThat(json.get("new_tokens").asInt()).isEqualTo(12);
    assertThat(json.get("seed").asLong()).isEqualTo(7);
    assertThat(json.get("tokens")).hasSize(12);
    StringBuilder text = new StringBuilder();
    for (JsonNode token : json.get("tokens")) {
      assertThat(token.get("logprob").asDouble()).isNegative();
      text.append(token.get("text").asText());
    }
    // one token may hold half a character: compare what is whole
    assertThat(json.get("text").asText().replace("�", "")).isNotEmpty();
    assertThat(text.length()).isGreaterThanOrEqualTo(json.get("text").asText().length());
    assertThat(json.get("timing").get("decode_tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void whatIsStreamedIsTheText() throws IOException {
    JsonNode json = json("generate", "-m", raw, "--json", "--seed", "3", "-n", "20", "Once upon a time");
    Run run = Run.garut("generate", "-m", raw, "--seed", "3", "-n", "20", "Once", "upon", "a time");
    assertThat(run.out()).isEqualTo(json.get("text").asText() + "\n");
    assertThat(run.err()).startsWith("[prompt ").contains("20 new", "--max-new-tokens", "seed 3");
    assertThat(run.err().lines()).hasSize(1);

    Run piped = Run.withInput("Once upon a time\n", "generate", "-q", "-m", raw, "--seed", "3", "-n", "20");
    assertThat(piped.out()).isEqualTo(run.out());
    assertThat(piped.err()).isEmpty();
    Run echoed = Run.withInput("Once upon a time", "generate", "--echo", "-m", raw, "--seed", "3", "-n", "20", "-");
    assertThat(echoed.out()).isEqualTo("Once upon a time" + run.out());
  }

  @Test
  void greedyIsTheSameEachTime() throws IOException {
    JsonNode once = json("generate", "-m", raw, "--json", "--greedy", "-n", "8", "Once");
    JsonNode again = json("generate", "-m", raw, "--json", "--temperature", "0", "-n", "8", "Once");
    assertThat(again.get("text")).isEqualTo(once.get("text"));
    assertThat(once.get("seed").isNull()).isTrue();
    JsonNode wide = json("generate", "-m", raw, "--json", "--greedy", "--cache-type", "f32", "-n", "8", "Once");
    double narrow = once.get("tokens").get(7).get("logprob").asDouble();
    // F16 keys and values: 2^-11 relative to logits of size one
    assertThat(wide.get("tokens").get(7).get("logprob").asDouble()).isCloseTo(narrow, within(0x1p-8));
  }

  @Test
  void questionsAreAnsweredByModelsThatWereTunedForIt() throws IOException {
    assertThat(json("generate", "-m", dolly, "--json", "-n", "1", "Why?").get("format").asText()).isEqualTo("dolly");
    assertThat(json("generate", "-m", dolly, "--json", "-n", "1", "Once").get("format").asText()).isEqualTo("raw");
    assertThat(json("generate", "-m", raw, "--json", "-n", "1", "Why?").get("format").asText()).isEqualTo("raw");
    assertThat(json("generate", "-m", dolly, "--raw", "--json", "-n", "1", "Why?").get("format").asText())
        .isEqualTo("raw");
    assertThat(json("generate", "-m", dolly, "--dolly", "--json", "-n", "1", "Go").get("format").asText())
        .isEqualTo("dolly");
    Run said = Run.garut("generate", "-m", dolly, "-n", "1", "Why?");
    assertThat(said.err()).contains("answered (--raw continues)");
    Run both = Run.garut("generate", "-m", dolly, "--raw", "--context", "x", "Why?");
    assertThat(both.code()).isEqualTo(64);
  }

  @Test
  void contextGoesIntoDollysPrompt() throws IOException {
    JsonNode without = json("generate", "-m", dolly, "--json", "-n", "1", "--dolly", "a");
    JsonNode with = json("generate", "-m", dolly, "--json", "-n", "1", "--context", "b", "a");
    assertThat(with.get("format").asText()).isEqualTo("dolly");
    assertThat(with.get("prompt_tokens").asInt()).isGreaterThan(without.get("prompt_tokens").asInt());
  }

  @Test
  void dollysAnswersEndAtTheTextWhereThereIsNoToken() throws IOException {
    Path sheep = TinyModel.writeSaying(shared.resolve("sheep"), "Oh yes. ### End so");
    JsonNode whole = json("generate", "-m", sheep, "--raw", "--greedy", "--json", "-n", "6", "Go\n");
    assertThat(whole.get("text").asText()).startsWith("Oh yes. ### End so");
    JsonNode answer = json("generate", "-m", sheep, "--dolly", "--greedy", "--json", "-n", "6", "Go");
    assertThat(answer.get("text").asText()).isEqualTo("Oh yes. ");
    assertThat(answer.get("reason").asText()).isEqualTo("stop_string");
  }

  @Test
  void promptsMayBeginWithAnything() throws IOException {
    Path file = Files.writeString(shared.resolve("file"), "--version");
    int at = json("generate", "-m", raw, "--json", "-n", "1", "@" + file).get("prompt_tokens").asInt();
    assertThat(at).as("the file's name, not its content").isGreaterThan(10);
    assertThat(json("generate", "-m", raw, "--json", "-n", "1", "--", "-x").get("prompt_tokens").asInt()).isEqualTo(2);
    assertThat(Run.garut("generate", "-m", raw, "-x").code()).isEqualTo(64);
  }

  @Test
  void stopTextsEndIt() throws IOException {
    String text = json("generate", "-m", raw, "--json", "--seed", "5", "-n", "30", "Once").get("text").asText();
    int middle = text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
    String stop = text.substring(middle, text.offsetByCodePoints(middle, 2));
    JsonNode stopped = json("generate", "-m", raw, "--json", "--seed", "5", "-n", "30", "--stop", stop, "Once");
    assertThat(stopped.get("reason").asText()).isEqualTo("stop_string");
    assertThat(stopped.get("text").asText()).isEqualTo(text.substring(0, text.indexOf(stop)));
  }

  @Test
  void withoutALimitTheContextEndsIt() throws IOException {
    JsonNode json = json("generate", "-m", raw, "--json", "--seed", "1", "-n", "-1", "Once");
    String reason = json.get("reason").asText();
    assertThat(reason).isIn("context", "end");
    if (reason.equals("context")) {
      assertThat(json.get("prompt_tokens").asInt() + json.get("new_tokens").asInt()).isGreaterThanOrEqualTo(192);
    }
  }

  @Test
  void interruptedItEndsWith130() {
    Interruption interruption = new Interruption();
    interruption.request();
    Run run = Run.run(interruption, new byte[0], "generate", "-m", raw, "Once upon a time");
    assertThat(run.code()).isEqualTo(130);
    assertThat(run.err()).contains("interrupted");
  }
}
