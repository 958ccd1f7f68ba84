package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trained model beside the conformance pack, through the command, in every form that the command writes. */
class TalesCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path temporary;

  private static Path tales() {
    String pack = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(pack != null, "models/tales-7m: GARUT_CONFORMANCE names no folder beside it");
    Path tales = Path.of(pack).toAbsolutePath().normalize().resolveSibling("models").resolve("tales-7m");
    Assumptions.assumeTrue(Files.isDirectory(tales), "models/tales-7m is not beside GARUT_CONFORMANCE");
    return tales;
  }

  private static void ok(Object... args) {
    Run run = Run.garut(args);
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void greedyContinuationsAreTransformers() throws IOException {
    Path tales = tales();
    Path f16 = temporary.resolve("f16.gguf");
    Path f32 = temporary.resolve("f32.gguf");
    ok("convert", "-m", tales, "-o", f16);
    ok("convert", "-m", tales, "-o", f32, "--type", "F32");
    for (Path model : new Path[] {tales, f16, f32}) {
      for (JsonNode expected : JSON.readTree(tales.resolve("expected.json").toFile()).get("generation")) {
        int count = expected.get("greedy_ids").size();
        Run run =
            Run.garut("generate", "-q", "-m", model, "--greedy", "--raw", "-n", count, expected.get("prompt").asText());
        String text = expected.get("greedy_text").asText();
        String line = text.endsWith("\n") ? text : text + "\n"; // the command ends the last line
        assertThat(run.out()).as(model.toString()).isEqualTo(line);
      }
    }
  }

  /** The bounds for quantised models are the project's: Q8_0 0.5 %, Q4_0 8 %. */
  @Test
  void perplexityOfTheBeginning() throws IOException {
    Path tales = tales();
    String text = Files.readString(tales.resolve("held-out.txt")).substring(0, 6000);
    Path file = Files.writeString(temporary.resolve("beginning.txt"), text);
    compare(tales, perplexity(tales, file), file);
  }

  @Test
  @Tag("slow")
  void perplexityOfAllThatWasHeldOut() throws IOException {
    Path tales = tales();
    JsonNode expected = JSON.readTree(tales.resolve("expected.json").toFile()).get("perplexity");
    Path file = tales.resolve(expected.get("file").asText());
    double perplexity = perplexity(tales, file);
    // F32 sums in another order: 1e-5, relative, is the conformance pack's bound for logits
    assertThat(Math.log(perplexity)).isCloseTo(expected.get("nll").asDouble(), within(1e-5));
    compare(tales, perplexity, file);
  }

  private void compare(Path tales, double perplexity, Path file) throws IOException {
    Path q8 = temporary.resolve("q8.gguf");
    Path q4 = temporary.resolve("q4.gguf");
    ok("quantize", "-m", tales, "-o", q8);
    ok("quantize", "-m", tales, "-o", q4, "--type", "Q4_0");
    assertThat(perplexity(q8, file) / perplexity).isCloseTo(1, within(0.005));
    assertThat(perplexity(q4, file) / perplexity).isCloseTo(1, within(0.08));
  }

  private static double perplexity(Path model, Path file) throws IOException {
    Run run = Run.garut("perplexity", "-m", model, "-f", file, "--json");
    assertThat(run.code()).as(run.err()).isZero();
    return JSON.readTree(run.out()).get("perplexity").asDouble();
  }
}
