package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.cli.terminal.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** inspect, tokenize, perplexity, convert, quantize, bench. */
class ModelCommandsTest {
  @TempDir static Path shared;
  private static Path model;
  @TempDir private Path temporary;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(shared.resolve("model"), true);
  }

  private static JsonNode json(Object... args) throws IOException {
    Run run = Run.garut(args);
    assertThat(run.code()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void inspectShowsShapeTypesAndMemory() throws IOException {
    Run run = Run.garut("inspect", "-m", model);
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("model: GPT-NeoX with 98,624 parameters, safetensors, 394 kB")
        .contains("28 tensors F32", "2 layers of 64 features, 4 heads of 16", "with gelu")
        .contains("192 tokens; rotary on 4 of 16")
        .contains("311 rows", "Dolly's", "512 B of F16 cache a token");
    Run listed = Run.garut("inspect", "-m", model, "--tensors", "--metadata");
    assertThat(listed.out()).contains("embed_out.weight ", "[311, 64]", "79.6 kB").containsPattern("format +pt");
  }

  @Test
  void inspectForPrograms() throws IOException {
    JsonNode json = json("inspect", "-m", model, "--json");
    assertThat(json.get("parameters").asLong()).isEqualTo(98624);
    assertThat(json.get("config").get("layers").asInt()).isEqualTo(2);
    assertThat(json.get("tensors")).hasSize(28);
    assertThat(json.get("tensors").get(0).get("shape")).hasSize(2);
    assertThat(json.get("tokenizer").get("added_tokens").get("### End").asInt()).isEqualTo(1);
    assertThat(json.get("memory").get("weight_bytes").asLong()).isEqualTo(4 * 98624);
  }

  @Test
  void tokenizeThereAndBack() throws IOException {
    String text = "Why do sheep\n flock  together? 🐑\n";
    Run ids = Run.withInput(text, "tokenize", "-m", model);
    assertThat(ids.out()).matches("\\d+( \\d+)*\\n");
    assertThat(Run.withInput(ids.out(), "tokenize", "-m", model, "--decode").out()).isEqualTo(text);
    int count = ids.out().strip().split(" ").length;
    assertThat(Run.withInput(text, "tokenize", "-m", model, "--count").out()).isEqualTo(count + "\n");
    JsonNode json = json("tokenize", "-m", model, "--json", "Why do sheep");
    assertThat(json.get("count").asInt()).isEqualTo(json.get("ids").size()).isEqualTo(json.get("tokens").size());
    assertThat(json.get("text").asText()).isEqualTo("Why do sheep");
    assertThat(Run.garut("tokenize", "-m", model, "--decode", json.get("ids")).out()).isEqualTo("Why do sheep");
    assertThat(Run.garut("tokenize", "-m", model, "--pieces", "a\nb").out()).contains("\t\\n\n");
    // a tokenizer.json is enough
    assertThat(Run.withInput(text, "tokenize", "-m", model.resolve("tokenizer.json")).out()).isEqualTo(ids.out());
    assertThat(Run.garut("tokenize", "-m", model, "--count", "").out()).isEqualTo("0\n");
  }

  @Test
  void perplexityOfRandomWeightsIsAboutTheVocabulary() throws IOException {
    Path file = Files.writeString(temporary.resolve("text.txt"), (TinyModel.TEXT + "\n").repeat(3));
    JsonNode json = json("perplexity", "-m", model, "-f", file, "-w", "32", "--json");
    assertThat(json.get("window").asInt()).isEqualTo(32);
    long tokens = json.get("tokens").asLong();
    assertThat(json.get("scored").asLong()).isEqualTo(tokens - Math.ceilDiv(tokens, 32));
    assertThat(json.get("perplexity").asDouble()).isBetween(200.0, 500.0); // of 311 tokens, none preferred
    assertThat(Math.log(json.get("perplexity").asDouble())).isEqualTo(json.get("nll").asDouble());
    Run run = Run.withInput(Files.readString(file), "perplexity", "-m", model, "-w", "32");
    assertThat(run.out()).startsWith("perplexity ").contains("windows of 32");
    Interruption interruption = new Interruption();
    interruption.request();
    Run ended = Run.run(interruption, new byte[0], "perplexity", "-m", model, "-f", file);
    assertThat(ended.code()).isEqualTo(130);
  }

  @Test
  void convertedModelsSayTheSame() throws IOException {
    Path gguf = temporary.resolve("model.gguf");
    Path folder = temporary.resolve("copy");
    Run converted = Run.garut("convert", "-m", model, "-o", gguf);
    assertThat(converted.code()).as(converted.err()).isZero();
    assertThat(converted.out()).startsWith(gguf + ": 28 tensors, 394 kB, in ");
    assertThat(Run.garut("convert", "-m", gguf, "-o", folder, "--shard-size", "200kB").code()).isZero();
    assertThat(folder.resolve("model.safetensors.index.json")).exists();
    Path half = temporary.resolve("half.gguf");
    JsonNode json = json("convert", "-m", folder, "-o", half, "--type", "f16", "--json");
    assertThat(json.get("weights").asInt()).isEqualTo(28);
    assertThat(json.get("target").asText()).isEqualTo(half.toString());

    String[] prompt = {"--greedy", "--dolly", "-n", "16", "-q", "Why do sheep flock together?"};
    String expected = say(model, prompt);
    assertThat(say(gguf, prompt)).isEqualTo(expected);
    assertThat(say(folder, prompt)).isEqualTo(expected);
    assertThat(say(half, prompt)).hasSameSizeAs(say(half, prompt));
  }

  private static String say(Path path, String... rest) {
    Object[] args = Stream.concat(Stream.of("generate", "-m", path), Stream.of(rest)).toArray();
    Run run = Run.garut(args);
    assertThat(run.code()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void quantisedModelsRun() throws IOException {
    for (String type : new String[] {"Q8_0", "Q4_0"}) {
      Path gguf = temporary.resolve(type + ".gguf");
      Run run = Run.garut("quantize", "-m", model, "--type", type, "-o", gguf);
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(Run.garut("inspect", "-m", gguf).out()).contains("10 tensors " + type, "Dolly's");
      assertThat(say(gguf, "--greedy", "-n", "4", "Once")).isNotEmpty();
      assertThat(Run.garut("quantize", "-m", gguf, "-o", temporary.resolve("x.gguf")).code()).isEqualTo(65);
    }
    Path mixed = temporary.resolve("mixed.gguf");
    assertThat(
            Run.garut("quantize", "-m", model, "--type", "q4_0", "--head-type", "Q8_0", "--embedding-type", "F16",
                    "-o", mixed)
                .code())
        .isZero();
    assertThat(Run.garut("inspect", "-m", mixed, "--tensors").out())
        .containsPattern("output.weight +Q8_0")
        .containsPattern("token_embd.weight +F16")
        .containsPattern("blk.0.ffn_up.weight +Q4_0");
  }

  @Test
  void interruptedConversionsLeaveNothing() {
    Interruption interruption = new Interruption();
    interruption.request();
    Path gguf = temporary.resolve("model.gguf");
    Run run = Run.run(interruption, new byte[0], "convert", "-m", model, "-o", gguf);
    assertThat(run.code()).isEqualTo(130);
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  @Tag("slow")
  void benchHoldsRatesAgainstTheMachine() throws IOException {
    JsonNode json =
        json("bench", "-m", model, "--prompt", "8", "--decode", "4", "--repetitions", "3", "--json");
    assertThat(json.get("machine").get("bandwidth_bytes_per_second").asDouble()).isGreaterThan(1e8);
    assertThat(json.get("machine").get("product_flop_per_second").asDouble()).isGreaterThan(1e8);
    JsonNode result = json.get("results").get(0);
    assertThat(result.get("type").asText()).isEqualTo("F32");
    // a decoded token reads all weights, but of the embedding one row
    assertThat(result.get("weight_bytes").asLong()).isEqualTo(4 * (98624 - 310 * 64));
    double rate = result.get("decode_tokens_per_second").asDouble();
    assertThat(rate).isPositive();
    assertThat(result.get("decode_gigabytes_per_second").asDouble())
        .isCloseTo(rate * 4 * (98624 - 310 * 64) / 1e9, within(1e-9)); // a product of three doubles
    assertThat(result.get("prompt_tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void benchKnowsItsShapes() {
    Run run = Run.garut("bench", "--dtype", "Q8_0", "--shape", "7b");
    assertThat(run.code()).isEqualTo(64);
    assertThat(run.err()).contains("14m, 31m, 70m, 160m, 410m, 1b, 1.4b, 2.8b, 6.9b, 12b");
  }
}
