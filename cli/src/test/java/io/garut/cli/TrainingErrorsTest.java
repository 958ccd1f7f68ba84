package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.cli.terminal.Interruption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users do wrong with {@code finetune} and {@code pretrain}: the exit code is theirs, and the message helps. */
class TrainingErrorsTest {
  private static final String CONFIG =
      """
      {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 290, "hidden_size": 32,
       "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "hidden_act": "gelu",
       "rotary_pct": 0.5, "rotary_emb_base": 10000, "max_position_embeddings": 64, "layer_norm_eps": 1e-05,
       "use_parallel_residual": true, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 0}
      """;

  @TempDir private static Path shared;
  private static Path model;

  @TempDir private Path folder;
  private Path out;
  private Path config;
  private Path records;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.write(shared.resolve("model"), true);
  }

  @BeforeEach
  void prepare() throws IOException {
    out = folder.resolve("out");
    config = Files.writeString(folder.resolve("shape.json"), CONFIG);
    records = Files.writeString(
        folder.resolve("records.jsonl"), "{\"instruction\": \"Who?\", \"response\": \"A sheep.\"}\n".repeat(9));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, StandardCharsets.ISO_8859_1);
  }

  private Run finetune(Path data, Object... more) {
    Object[] words = {"finetune", "-m", model, "-d", data, "-o", out, "--learning-rate", 0.01, "--max-steps", 2, "--eval-every",
      0, "--sample-tokens", 1};
    return Run.garut(joined(words, more));
  }

  private Run pretrain(Path data, Object... more) {
    Object[] words = {"pretrain", "-c", config, "-d", data, "-o", out, "--context", 16, "--max-steps", 2, "--eval-every", 0,
      "--sample-tokens", 1};
    return Run.garut(joined(words, more));
  }

  private static Object[] joined(Object[] words, Object... more) {
    return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray();
  }

  private static void assertFails(Run run, int code, String... said) {
    String last = run.err().lines().reduce("", (_, line) -> line);
    assertThat(last).as(run.err()).startsWith("garut: ").contains(said);
    assertThat(last).doesNotContain("check the disk", "should not have", "Source");
    assertThat(run.code()).as(run.err()).isEqualTo(code);
  }

  @Test
  void recordsThatAPackCannotHold() throws IOException {
    Path data = file("long.jsonl", Files.readString(records) + "{\"instruction\": \"Who?\", \"response\": \"%s\"}\n".formatted(
        "x".repeat(61)));
    Run run = finetune(data, "--pack", 110, "--test-size", 0);
    assertFails(run, 64, "--pack 110: " + data + ":10 has ", " tokens; say a larger number, or ", "--max-length 111");
    Run shorter = finetune(data, "--pack", 110, "--max-length", 111);
    assertThat(shorter.code()).as(shorter.err()).isZero();
  }

  @Test
  void aNormWithoutBoundIsKeptInTheSettings() throws IOException {
    Run run = finetune(records, "--max-grad-norm", "Infinity");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out.resolve("config.json")).content().contains("\"max_grad_norm\" : \"infinity\"");
    Run resumed = finetune(records, "--max-grad-norm", "Infinity", "--resume");
    assertThat(resumed.code()).as(resumed.err()).isZero();
  }

  @Test
  void textsThatHoldNothing() throws IOException {
    assertFails(pretrain(file("empty.txt", "")), 65, "there is no text in", "empty.txt");
    assertFails(finetune(file("empty.jsonl", "")), 65, "there is no record in", "empty.jsonl");
  }

  @Test
  void textsThatAreDamaged() throws IOException {
    Path bad = file("bad.jsonl", "{\"text\": \"" + TinyModel.TEXT.repeat(9) + "\"}\n{\"text\"\n");
    Path latin = file("latin.txt", TinyModel.TEXT.repeat(9) + "\n<|endoftext|>\nein Sch\u00e4fer\n");
    String help = "; mend or remove the record, or leave such records out with --skip-bad";
    assertFails(pretrain(bad), 65, "bad.jsonl:2: no JSON", help);
    assertFails(pretrain(latin), 65, "latin.txt:3: this is not UTF-8", help);
    assertFails(finetune(bad), 65, "bad.jsonl:2: no JSON", help);
    for (Path path : new Path[] {bad, latin}) {
      out = folder.resolve("of " + path.getFileName());
      Run run = pretrain(path, "--skip-bad");
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.err()).contains("1 bad record passed over\n  " + path + ":");
    }
  }

  /** Where the option does not help, or was given, it is not advised. */
  @Test
  void skippingIsAdvisedOnlyWhereItHelps() throws IOException {
    Path list = file("list.json", "[{\"text\": \"a\"}, {");
    Run run = finetune(list);
    assertFails(run, 65, "list.json:1: no JSON", "mend the file");
    assertThat(run.err()).doesNotContain("--skip-bad");
    assertFails(finetune(file("table.csv", "text\n\"a\n"), "--skip-bad"), 65, "table.csv:2: a quote is opened");
  }

  @Test
  void whatIsNoTrainingData() throws IOException {
    Path data = file("rand.dat", "x");
    for (Run run : new Run[] {finetune(data), pretrain(data)}) {
      assertFails(run, 65, "rand.dat: what this holds cannot be told by its name; expected *.jsonl");
    }
    assertFails(finetune(Files.createDirectory(folder.resolve("none"))), 65, "no training data in this folder");
  }

  @Test
  void promptsThatCannotBeRead() throws IOException {
    Path bad = file("bad.jsonl", "{"); // the prompts come first
    assertFails(finetune(bad, "--prompts", file("latin.txt", "Sch\u00e4fer?\n")), 65, "latin.txt: is not UTF-8; convert it");
    assertFails(finetune(bad, "--prompts", folder), 66, "is a folder; name a file");
    assertFails(finetune(bad, "--prompts", folder.resolve("none")), 66, "there is no such file");
  }

  @Test
  void numbersAndPlacesAreCheckedBeforeDataAreRead() throws IOException {
    Path bad = file("bad.jsonl", "{");
    assertFails(finetune(bad, "--weight-decay=-1"), 64, "weight decay must be 0 or more, not -1");
    assertFails(finetune(bad, "--lora", "--lora-targets", "none"), 64, "LoRA goes on");
    assertFails(finetune(bad, "--pack", 1), 64, "--pack 1");
    Path file = file("file", "");
    out = file.resolve("out");
    assertFails(finetune(bad), 73, file + ": is a file; choose another --out");
    out = file;
    assertFails(finetune(bad), 73, "is a file; name a folder");
  }

  @Test
  void optionsWithoutEffect() throws IOException {
    assertFails(finetune(records, "--lora-rank", 4), 64, "--lora-rank is an adapter's; say --lora too");
    assertFails(finetune(records, "--lora-targets", "dense"), 64, "--lora-targets is an adapter's");
    assertFails(finetune(records, "--lora", "--dtype", "BF16"), 64, "an adapter is trained in F32");
    assertFails(finetune(records, "--optimizer", "sgd", "--beta2", 0.9), 64, "--beta2: only adamw");
    assertFails(pretrain(records, "--near-duplicates", 0.8), 64, "pretrain does not compare documents");
    assertFails(finetune(records, "--zero", 3), 64, "--zero is for several ranks, or for --offload disk");
    assertFails(finetune(records, "--ranks", "none"), 64, "--ranks none: say a number of ranks, or a file with a line");
    assertFails(finetune(records, "--ranks", 0), 64, "--ranks 0: from 1 to 64");
    assertFails(finetune(records, "--ranks", 65), 64, "--ranks 65: ", "from 1 to 64");
    assertFails(finetune(records, "--ranks", file("hosts", "localhost slot=2")), 65, "hosts:1: 'localhost slot=2' names no");
    assertFails(finetune(records, "--ranks", 2, "--port", 9), 64, "--port is for ranks on other machines");
    assertFails(finetune(records, "--deadline", 9), 64, "--deadline is for several ranks; say --ranks too");
    assertFails(finetune(records, "--pack", 90, "--batch-size", 2), 64, "--batch-size: --pack puts as many records together");
    assertFails(finetune(records, "--pack", 90, "-b", 4), 64, "--batch-size: ");
    assertThat(out).doesNotExist();
  }

  @Test
  void anOptimizerThatLooksAtWholeMatrices() {
    Object[] disk = {"--optimizer", "adafactor", "--offload", "disk", "--zero"};
    assertFails(finetune(records, joined(disk, 3)), 64, "--zero 3: adafactor looks at whole matrices", "say --zero 1, or");
    Run ranks = finetune(records, "--optimizer", "adafactor", "--ranks", 2, "--zero", 1);
    assertFails(ranks, 64, "--zero 1: adafactor", "say --zero 0, or");
    assertThat(out).doesNotExist();
    Run run = finetune(records, joined(disk, 1));
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void checkpointsInPartsAreNoModels() throws IOException {
    Run run = finetune(records, "--offload", "disk", "--zero", 3);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out.resolve("config.json")).content().contains("\"zero\" : 3");
    Path parts = out.resolve("checkpoint-2");
    assertFails(
        Run.garut("generate", "-m", parts, "baa"), 65, parts + ": is a checkpoint in parts", "garut consolidate " + parts);
    Path made = folder.resolve("made of parts");
    assertThat(Run.garut("consolidate", parts, "-o", made).code()).isZero();
    assertThat(file("made of parts/trainer_state.json", "{}")).exists(); // as Transformers leaves one
    assertThat(Run.garut("generate", "-m", made, "--max-new-tokens", 1, "baa").code()).isZero();
    out = folder.resolve("adapter");
    Run adapter = finetune(records, "--offload", "disk", "--zero", 3, "--lora");
    assertThat(adapter.code()).as(adapter.err()).isZero();
    assertFails(
        Run.garut("consolidate", out, "-o", folder.resolve("made")), 65, "checkpoint-2: is of an adapter", "--resume goes on");
  }

  /** Nothing has begun yet, so there is nothing to resume. */
  @Test
  void aPortThatIsTaken() throws IOException {
    Path hosts = file("hosts", "127.0.0.1\n127.0.0.2\n");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Run run = finetune(records, "--ranks", hosts, "--port", port);
      assertFails(run, 69, "cannot listen at 127.0.0.1:" + port, "say another --port");
      assertThat(run.err()).doesNotContain("--resume");
    }
  }

  @Test
  void aVocabularyThatDoesNotFit() throws IOException {
    config = file("small.json", CONFIG.replace("290", "100"));
    assertFails(pretrain(records), 65, "small.json: vocab_size 100", "260 at least");
  }

  @Test
  void aFolderOfSomethingElse() throws IOException {
    Files.createDirectory(out);
    Path theirs = Files.writeString(out.resolve("metrics.jsonl"), "{\"step\":7}\n");
    for (Run run : new Run[] {finetune(records), pretrain(records)}) {
      assertFails(run, 73, "holds 'metrics.jsonl', which is of no run; name a new folder");
    }
    assertThat(theirs).hasContent("{\"step\":7}");
    assertThat(out.toFile().list()).hasSize(1);
  }

  /** An earlier attempt's vocabulary is of other texts, perhaps. */
  @Test
  void aVocabularyIsMadeAnewUnlessARunIsResumed() throws IOException {
    Files.createDirectory(out);
    Path own = Files.copy(model.resolve("tokenizer.json"), out.resolve("tokenizer.json"));
    Path texts = file("texts.txt", "baa baa black wool ".repeat(50));
    Run run = pretrain(texts);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(own).content().contains("wool").isNotEqualTo(Files.readString(model.resolve("tokenizer.json")));
    String made = Files.readString(own);
    Run resumed = pretrain(texts, "--resume");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(own).hasContent(made);
  }

  @Test
  void aRunIsResumedWithWhatItWasBegunWith() throws IOException {
    Interruption interruption = new Interruption();
    interruption.request();
    Object[] words = {"finetune", "-m", model, "-d", records, "-o", out, "--lora", "--sample-tokens", 1};
    assertThat(Run.run(interruption, new byte[0], words).code()).isEqualTo(130);
    Object[] resumed = joined(words, "--resume");
    Object[] whole = Stream.of(resumed).filter(word -> !word.equals("--lora")).toArray();
    assertFails(Run.garut(whole), 64, "has lora_rank 8, not none; resume it with the options that it was begun with");
    assertFails(Run.garut(joined(resumed, "--near-duplicates", 0.9)), 64, "has no near_duplicates, not 0.9");
    assertFails(Run.garut(joined(resumed, "--max-length", 150)), 64, "has max_length 192, not 150");
    assertFails(Run.garut(joined(resumed, "--test-size", 2)), 64, "has test_size 0, not 2");
    assertFails(Run.garut(joined(resumed, "--pack", 120)), 64, "has no pack, not 120");
    assertFails(Run.garut(joined(resumed, "--skip-bad")), 64, "has skip_bad false, not true");
    assertFails(Run.garut(joined(resumed, "--gradient-checkpointing")), 64, "has gradient_checkpointing false, not true");
    assertFails(Run.garut(joined(resumed, "-d", config)), 64, "has no data_2, not " + config);

    String all = Files.readString(records);
    Files.writeString(records, all + all.lines().findFirst().orElseThrow() + "\n");
    assertFails(Run.garut(resumed), 65, records + ": data: has changed since the run began");
    Files.writeString(records, all);

    Path prompts = file("prompts", "Who?\n");
    for (int i = 0; i < resumed.length; i++) { // the same by other names
      if (resumed[i] instanceof Path path) {
        Path roundabout = path.resolveSibling("x").resolve("..").resolve(path.getFileName());
        resumed[i] = Path.of("").toAbsolutePath().relativize(roundabout);
      }
    }
    Object[] free = {"--keep", 1, "--save-every", 2, "--eval-every", 1, "--log-every", 1, "--prompts", prompts};
    Run run = Run.garut(joined(resumed, free));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("resumed from ");
  }

  @Test
  void pretrainingIsResumedWithTheSameFiles() throws IOException {
    Path texts = file("texts.txt", "baa baa black wool ".repeat(50));
    assertThat(pretrain(texts).code()).isZero();
    assertFails(pretrain(texts, "--resume", "--tokenizer", model.resolve("tokenizer.json")), 64, "has no tokenizer, not ");
    assertFails(pretrain(texts, "--resume", "--test-windows", 2), 64, "has test_windows ", ", not 2");
    Files.writeString(config, CONFIG.replace("0.5", "0.25"));
    assertFails(pretrain(texts, "--resume"), 65, config + ": config: has changed since the run began");
  }
}
