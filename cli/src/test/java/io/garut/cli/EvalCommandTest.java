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

class EvalCommandTest {
  @TempDir static Path shared;
  private static Path model;
  private static String lambada;
  private static String piqa;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.writeSaying(shared.resolve("model"), "Oh yes. King so");
    Files.writeString(
        shared.resolve("lambada.jsonl"),
        """
        {"text": "Oh yes. King so"}
        {"text": "Oh yes. so King"}
        {"text": "yes. King so"}
        """);
    Files.writeString(
        shared.resolve("piqa.jsonl"),
        """
        {"goal": "a", "sol1": "sheep", "sol2": "the king", "label": 0}
        {"goal": "b", "sol1": "sheep", "sol2": "the king", "label": 1}
        """);
    lambada = "lambada_openai=" + shared.resolve("lambada.jsonl");
    piqa = "piqa=" + shared.resolve("piqa.jsonl");
  }

  @Test
  void theDocumentHasTheHarnesssShape() throws IOException {
    Path out = shared.resolve("results.json");
    Run run = Run.garut("eval", "-m", model, piqa, lambada, "--json", "--out", out);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out).hasContent(run.out());
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("results").fieldNames()).toIterable().containsExactly("lambada_openai", "piqa");
    JsonNode words = json.get("results").get("lambada_openai");
    assertThat(words.fieldNames())
        .toIterable()
        .containsExactly(
            "name", "alias", "sample_len", "perplexity,none", "perplexity_stderr,none", "acc,none", "acc_stderr,none");
    assertThat(words.get("alias").asText()).isEqualTo("lambada_openai");
    assertThat(words.get("acc,none").asDouble()).isEqualTo(2.0 / 3);
    // one of three is wrong: the deviation of 1, 0, 1 is 3^-1/2
    assertThat(words.get("acc_stderr,none").asDouble()).isCloseTo(1.0 / 3, within(0x1p-50));
    JsonNode choices = json.get("results").get("piqa");
    assertThat(choices.has("acc_norm,none")).isTrue();
    assertThat(choices.get("acc,none").asDouble()).as("both get one answer, of which one is right").isEqualTo(0.5);
    assertThat(json.at("/n-samples/lambada_openai/original").asInt()).isEqualTo(3);
    assertThat(json.at("/n-samples/lambada_openai/effective").asInt()).isEqualTo(3);
    assertThat(json.at("/higher_is_better/lambada_openai/perplexity").asBoolean()).isFalse();
    assertThat(json.at("/versions/piqa").asDouble()).isEqualTo(1);
    assertThat(json.at("/n-shot/piqa").asInt()).isZero();
    assertThat(json.at("/config/model_args").asText()).isEqualTo("pretrained=" + model);
    assertThat(json.at("/config/limit").isNull()).isTrue();
    assertThat(json.at("/config/bootstrap_iters").asInt()).isEqualTo(100_000);
  }

  @Test
  void peopleGetALineForEachMeasure() {
    Run run = Run.garut("eval", "-m", model, lambada, piqa);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .hasSize(4)
        .anyMatch(line -> line.matches("lambada_openai +perplexity +\\d+\\.\\d{4} ± \\d+\\.\\d{4}"))
        .anyMatch(line -> line.matches(" +acc +0\\.6667 ± 0\\.3333"))
        .anyMatch(line -> line.matches("piqa +acc +0\\.5000 ± 0\\.5000"));
    assertThat(run.err()).startsWith("[5 questions in ");
  }

  @Test
  void theLimitIsObeyedAndTold() throws IOException {
    Run run = Run.garut("eval", "-m", model, lambada, "--json", "--limit", "1");
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.at("/results/lambada_openai/acc,none").asDouble()).isEqualTo(1);
    assertThat(json.at("/results/lambada_openai/acc_stderr,none").asText()).isEqualTo("N/A");
    assertThat(json.at("/n-samples/lambada_openai/original").asInt()).isEqualTo(3);
    assertThat(json.at("/n-samples/lambada_openai/effective").asInt()).isEqualTo(1);
    assertThat(json.at("/config/limit").asDouble()).isEqualTo(1);
  }

  private static void assertFails(int code, String said, Object... args) {
    Run run = Run.garut(args);
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.err().lines().toList()).hasSize(1);
    assertThat(run.err()).startsWith("garut: ").contains(said);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    Path bad = Files.writeString(shared.resolve("bad.jsonl"), "{\"text\": \"a b\"}\n{\"txt\": \"a b\"}\n");
    assertFails(65, "bad.jsonl:2: has no 'text'", "eval", "-m", model, "lambada_openai=" + bad);
    Path empty = Files.writeString(shared.resolve("empty.jsonl"), "\n");
    assertFails(65, "holds no question", "eval", "-m", model, "piqa=" + empty);
    assertFails(66, "there is no such file", "eval", "-m", model, "piqa=" + shared.resolve("nowhere"));
    assertFails(64, "there is no task 'mmlu'; there are lambada_openai", "eval", "-m", model, "mmlu=x");
    assertFails(64, "say TASK=FILE", "eval", "-m", model, "piqa");
    assertFails(64, "named twice", "eval", "-m", model, piqa, piqa);
    assertFails(64, "--limit", "eval", "-m", model, piqa, "--limit", "0");
    assertFails(64, "TASK=FILE", "eval", "-m", model);
    assertFails(73, "cannot be written", "eval", "-m", model, piqa, "--out", shared.resolve("no/such/x.json"));
  }

  @Test
  void interruptedItEndsWith130() {
    Interruption interruption = new Interruption();
    interruption.request();
    assertThat(Run.run(interruption, new byte[0], "eval", "-m", model, piqa).code()).isEqualTo(130);
  }
}
