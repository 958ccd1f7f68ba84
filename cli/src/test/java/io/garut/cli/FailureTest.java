package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input ends in one line that names file and place, and an exit code of sysexits. */
class FailureTest {
  @TempDir static Path shared;
  private static Path model;
  @TempDir private Path temporary;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(shared.resolve("model"), false);
  }

  private static void assertFails(Run run, int code, String... said) {
    assertThat(run.err().lines().toList()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("garut: ").contains(said);
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.out()).isEmpty();
  }

  private Path copy(String... without) throws IOException {
    Path copy = Files.createDirectories(temporary.resolve("copy"));
    for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      if (!Arrays.asList(without).contains(name)) {
        Files.copy(model.resolve(name), copy.resolve(name));
      }
    }
    return copy;
  }

  @Test
  void noModel() {
    Path nowhere = temporary.resolve("nowhere");
    assertFails(Run.garut("generate", "-m", nowhere, "x"), 66, nowhere.toString(), "check --model");
    assertFails(Run.garut("inspect", "-m", nowhere), 66, nowhere.toString());
    assertFails(Run.garut("tokenize", "-m", nowhere, "x"), 66, nowhere.toString());
    assertFails(Run.garut("convert", "-m", nowhere, "-o", temporary.resolve("x")), 66, nowhere.toString());
  }

  @Test
  void anEmptyFolder() {
    assertFails(Run.garut("generate", "-m", temporary, "x"), 65, temporary.toString(), "model.safetensors");
    assertFails(Run.garut("tokenize", "-m", temporary, "x"), 66, "tokenizer.json");
  }

  @Test
  void noConfiguration() throws IOException {
    assertFails(Run.garut("inspect", "-m", copy("config.json")), 66, "config.json");
  }

  @Test
  void noTokenizer() throws IOException {
    Path copy = copy("tokenizer.json");
    assertFails(Run.garut("generate", "-m", copy, "x"), 66, "tokenizer.json");
    assertThat(Run.garut("inspect", "-m", copy).out()).contains("no tokenizer");
  }

  @Test
  void damagedWeights() throws IOException {
    Path copy = copy();
    try (RandomAccessFile file = new RandomAccessFile(copy.resolve("model.safetensors").toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    assertFails(Run.garut("generate", "-m", copy, "x"), 65, "model.safetensors");
    assertFails(Run.garut("convert", "-m", copy, "-o", temporary.resolve("x.gguf")), 65, "model.safetensors");
    Files.writeString(copy.resolve("model.safetensors"), "this is no checkpoint at all");
    assertFails(Run.garut("inspect", "-m", copy), 65, "model.safetensors");
    assertFails(Run.garut("inspect", "-m", copy.resolve("model.safetensors")), 65, "model.safetensors");
  }

  @Test
  void aWeightThatIsNotANumber() throws IOException {
    Path copy = copy();
    Path weights = copy.resolve("model.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() - 4);
      file.write(new byte[] {0, 0, (byte) 0xc0, 0x7f});
    }
    assertFails(Run.garut("generate", "-m", copy, "x"), 65, copy.toString(), "not finite");
    assertFails(Run.garut("convert", "-m", copy, "-o", temporary.resolve("x.gguf")), 65, "is NaN");
  }

  @Test
  void whatIsReadFromANameLikeAMessageIsNotWritten() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("a: writing: b"));
    assertFails(Run.garut("inspect", "-m", folder), 65, folder.toString());
  }

  @Test
  void aConfigurationOfAnotherModel() throws IOException {
    Path copy = copy();
    String config = Files.readString(copy.resolve("config.json"));
    Files.writeString(copy.resolve("config.json"), config.replace("\"hidden_size\": 64", "\"hidden_size\": 128"));
    assertFails(Run.garut("generate", "-m", copy, "x"), 65, "[311, 64]", "[311, 128]");
    Files.writeString(copy.resolve("config.json"), "{\"model_type\": \"llama\"}");
    assertFails(Run.garut("generate", "-m", copy, "x"), 65, "config.json: model_type: is 'llama'");
    Files.writeString(copy.resolve("config.json"), "{");
    assertFails(Run.garut("generate", "-m", copy, "x"), 65, "config.json", "JSON");
  }

  @Test
  void aDamagedTokenizer() throws IOException {
    Path copy = copy();
    Files.writeString(copy.resolve("tokenizer.json"), "{\"version\": \"1.0\"}");
    assertFails(Run.garut("tokenize", "-m", copy, "x"), 65, "tokenizer.json");
    assertThat(Run.garut("inspect", "-m", copy).out()).contains("unusable tokenizer: " + copy);
    assertFails(Run.garut("generate", "-m", copy, "x"), 65, "tokenizer.json");
  }

  @Test
  void textThatIsNotUtf8() throws IOException {
    byte[] latin = "Schäfchen".getBytes(StandardCharsets.ISO_8859_1);
    assertFails(
        Run.run(new Interruption(), latin, "generate", "-m", model), 65, "not UTF-8");
    Path file = Files.write(temporary.resolve("latin.txt"), latin);
    assertFails(Run.garut("perplexity", "-m", model, "-f", file), 65, file.toString(), "not UTF-8");
    assertFails(Run.garut("perplexity", "-m", model, "-f", temporary.resolve("none.txt")), 66, "none.txt");
    Files.writeString(file, "");
    assertFails(Run.garut("perplexity", "-m", model, "-f", file), 65, "fewer than two tokens");
  }

  @Test
  void targetsThatCannotBeWritten() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "mine");
    assertFails(Run.garut("convert", "-m", model, "-o", file), 73, file.toString(), "--force");
    assertFails(Run.garut("convert", "-m", model, "-o", file.resolve("x.gguf")), 73, "x.gguf");
    assertFails(Run.garut("convert", "-m", model, "-o", file.resolve("x")), 73, "x");
    assertFails(Run.garut("convert", "-m", model, "-o", model, "--force"), 73, "is the model itself");
    assertFails(Run.garut("convert", "-m", model, "-o", file, "--force"), 73, "is a file");
    assertFails(Run.garut("convert", "-m", model, "-o", ""), 64, "--out is empty");
    assertThat(file).content().isEqualTo("mine");
  }

  @Test
  void promptsThatDoNotFit() {
    assertFails(Run.garut("generate", "-m", model), 64, "the prompt is empty");
    assertFails(Run.garut("generate", "-m", model, "sheep ".repeat(200)), 65, "the model's context holds 192");
    assertFails(Run.garut("generate", "-m", model, "-n", "0", "x"), 64, "--max-new-tokens 0");
    assertFails(Run.garut("generate", "-m", model, "--top-p", "1.5", "x"), 64, "--top-p 1.5", "from 0 to 1");
    assertFails(Run.garut("generate", "-m", model, "--greedy", "--top-k", "-3", "x"), 64, "--top-k -3");
    assertFails(Run.garut("generate", "-m", model, "--greedy", "--min-p", "0.1", "x"), 64, "--greedy", "--min-p");
    assertFails(
        Run.garut("chat", "-m", model, "--temperature", "0", "--top-p", "0.5"), 64, "--temperature 0", "--top-p");
    assertFails(Run.garut("generate", "-m", model, "--cache-type", "foo", "x"), 64, "'foo'", "F32 or F16");
    assertFails(Run.garut("quantize", "-m", model, "-o", "x.gguf", "--type", "foo"), 64, "no type 'foo'");
    assertFails(Run.garut("generate", "-m", model, "-t", "100000", "x"), 64, "--threads 100000", "1024");
    assertFails(Run.garut("bench", "-m", model, "--prompt", "190"), 64, "context of 192");
    assertFails(Run.garut("perplexity", "-m", model, "-f", temporary), 66, temporary.toString(), "is a folder");
    assertFails(Run.garut("tokenize", "-m", model, "--decode", "1", "99999999"), 65, "99999999", "from 0 to");
    assertFails(Run.garut("generate", "-m", model, "--temperature", "1", "--greedy", "x"), 64, "--greedy");
    assertFails(Run.garut("generate", "-m", model, "--cache-type", "Q8_0", "x"), 64, "F32 or F16");
    assertFails(Run.garut("chat", "-m", model, "--context-length", "193"), 64, "--context-length");
    assertFails(Run.garut("perplexity", "-m", model, "-w", "193"), 64, "--window 193");
    assertFails(Run.withInput("x y", "tokenize", "-m", model, "--decode"), 65, "'x' is no token id");
  }

  @Test
  void debugShowsWhere() {
    Run run = Run.garut("inspect", "-m", temporary, "--debug");
    assertThat(run.code()).isEqualTo(65);
    assertThat(run.err()).contains("CheckpointException", "at io.garut");
  }

  @Test
  void mistakesOfOurOwnSaySo() {
    Failure failure = Failure.of(new IllegalStateException("no\nway"));
    assertThat(failure.exitCode()).isEqualTo(ExitCode.SOFTWARE);
    assertThat(failure.getMessage()).contains("IllegalStateException: no", "--debug").doesNotContain("\n");
    assertThat(Failure.of(new OutOfMemoryError("Java heap space")).exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(Failure.of(new IOException("disk on fire")).exitCode()).isEqualTo(ExitCode.IO);
  }

  @Test
  void errorsOfTheMachineEndInOneLineToo() {
    for (Error error : new Error[] {new OutOfMemoryError("Java heap space"), new StackOverflowError()}) {
      InputStream failing =
          new InputStream() {
            @Override
            public int read() {
              throw error;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
              throw error;
            }
          };
      StringWriter err = new StringWriter();
      Console console = new Console(failing, new StringWriter(), err, Console.Terminals.NONE);
      int code = Main.run(new String[] {"tokenize", "-m", model.toString()}, console, new Interruption());
      assertThat(code).isEqualTo(error instanceof OutOfMemoryError ? 69 : 70);
      assertThat(err.toString().lines()).singleElement().asString().startsWith("garut: ");
    }
  }

  @Test
  void resultsThatCannotBeWritten() {
    for (String trouble : new String[] {"No space left on device", "Broken pipe"}) {
      for (String command : new String[] {"inspect", "tokenize", "generate"}) {
        Writer full =
            new Writer() {
              @Override
              public void write(char[] text, int offset, int length) throws IOException {
                throw new IOException(trouble);
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            };
        StringWriter err = new StringWriter();
        InputStream input = new ByteArrayInputStream("Once".getBytes(StandardCharsets.UTF_8));
        Console console = new Console(input, full, err, Console.Terminals.NONE);
        int code = Main.run(new String[] {command, "-q", "-m", model.toString()}, console, new Interruption());
        assertThat(code).isEqualTo(74);
        // that a reader such as head has gone is no news
        String said = trouble.equals("Broken pipe") ? "" : "garut: the results cannot be written (" + trouble;
        assertThat(err.toString()).as(command).startsWith(said).hasLineCount(said.isEmpty() ? 0 : 1);
      }
    }
  }
}
