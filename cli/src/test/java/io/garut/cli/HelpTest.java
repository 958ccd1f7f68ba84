package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"generate", "chat", "inspect", "convert", "quantize", "perplexity", "tokenize", "bench"})
  void everyCommandExplainsItselfWithExamples(String command) {
    Run run = Run.garut(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: garut " + command, "--model=PATH", "Examples:\n  garut " + command);
    assertThat(run.out().lines()).as("fits a terminal").allMatch(line -> line.length() <= 100);

    assertThat(Run.garut("--help").out()).contains("  " + command);
  }

  @Test
  void withoutACommandItShowsWhatThereIs() {
    Run run = Run.garut();
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo(Run.garut("--help").out()).contains("Usage: garut", "Commands:", "64 usage");
  }

  @Test
  void version() {
    Run run = Run.garut("--version");
    assertThat(run.code()).isZero();
    assertThat(run.out()).matches("garut \\d+\\.\\d+\\S* on Java 2\\d.*\\n");
  }

  @ParameterizedTest
  @CsvSource({
    "generat, is it generate?",
    "generate --modle x, is it --model?",
    "generate --top-k many, top-k",
    "generate --dtype, dtype",
    "generate --dolly --raw x, mutually exclusive",
    "generate hello, --model PATH",
    "chat, --model PATH",
    "inspect, --model PATH",
    "inspect somewhere, somewhere",
    "tokenize hello, --model PATH",
    "perplexity, --model PATH",
    "convert --out x.gguf, --model PATH",
    "convert --model x, --out",
    "quantize --model x --out y, --out",
    "quantize --model . --out y.gguf --type F16, Q8_0 or Q4_0",
    "quantize --model . --out y.gguf --type Q9, no type 'Q9'",
    "convert --model . --out y.safetensors, name a folder",
    "convert --model . --out y --type Q8_0, end in .gguf",
    "convert --model . --out y --type I32, F32",
    "convert --model . --out y --shard-size lots, 500MB",
    "generate --model . --threads 0 x, one thread",
    "generate --model . --threads 1025 x, 1024 at most",
    "generate --model . -n -2 x, -1 for as many",
    "bench --shape 13b, 160m",
    "bench --prompt 0, 1 or more",
    "bench --dtype F99, no type 'F99'"
  })
  void wrongUsageIsOneLineAndSaysWhatToDo(String arguments, String said) {
    Run run = Run.garut((Object[]) arguments.split(" "));
    assertThat(run.code()).isEqualTo(64);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("garut: ").contains(said);
    assertThat(run.err().lines()).hasSize(1);
  }
}
