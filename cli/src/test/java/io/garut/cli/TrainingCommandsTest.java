package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.cli.terminal.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingCommandsTest {
  private static final String CONFIG =
      """
      {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 290, "hidden_size": 32,
       "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "hidden_act": "gelu",
       "rotary_pct": 0.5, "rotary_emb_base": 10000, "max_position_embeddings": 256, "layer_norm_eps": 1e-05,
       "use_parallel_residual": true, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 0}
      """;

  @TempDir private Path folder;

  private Path records() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines.append("{\"instruction\": \"Who is %d?\", \"response\": \"A sheep, the %d.\"}\n".formatted(i, i));
    }
    return Files.writeString(folder.resolve("records.jsonl"), lines);
  }

  @Test
  void fromNothingToAnAnswer() throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), CONFIG);
    Path texts = Files.writeString(folder.resolve("texts.txt"), (TinyModel.TEXT + "\n").repeat(40));
    Path first = folder.resolve("first");
    Run pretrained = Run.garut("pretrain", "--config", config, "--data", texts, "--out", first, "--context", 64,
        "--test-windows", 3, "--max-steps", 6, "--batch-size", 2, "--eval-every", 3, "--log-every", 2, "--sample-tokens", 3);
    assertThat(pretrained.code()).as(pretrained.err()).isZero();
    assertThat(pretrained.err())
        .contains("windows to learn", "memory: ", "evaluation at step 0: loss 5.", "step 6/6  loss ", "the result is in ");

    Path second = folder.resolve("second");
    Run tuned = Run.garut("finetune", "--model", first.resolve("model"), "--data", records(), "--out", second, "--epochs", 2,
        "--batch-size", 3, "--gradient-accumulation", 2, "--gradient-checkpointing", "--learning-rate", 0.01,
        "--warmup-steps", 0, "--save-every", 2, "--sample-tokens", 4);
    assertThat(tuned.code()).as(tuned.err()).isZero();
    assertThat(tuned.err()).contains("18 records to learn, 2 for evaluation", "step 6/6", "Write a love letter", "checkpoint ");

    Run answer = Run.garut("generate", "--model", second.resolve("model"), "Who is 3?", "-n", 5);
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(second.resolve("model").resolve("config.json")).exists();
  }

  @Test
  void anAdapterBesideAQuantisedModel() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"), true);
    Path quantised = folder.resolve("model.gguf");
    Run made = Run.garut("quantize", "-m", model, "--out", quantised, "--type", "Q8_0");
    assertThat(made.code()).as(made.err()).isZero();
    Path out = folder.resolve("out");
    Object[] words = {"finetune", "-m", quantised, "-d", records(), "-o", out, "--lora", "--lora-rank", 4, "--lora-targets",
      "query_key_value,dense_h_to_4h", "--learning-rate", 0.01, "--max-steps", 4, "--eval-every", 0, "--sample-tokens", 1};
    Run tuned = Run.garut(words);
    assertThat(tuned.code()).as(tuned.err()).isZero();
    assertThat(out.resolve("adapter").resolve("adapter_model.safetensors")).exists();
    assertThat(out.resolve("report.html")).exists();
    Run plain = Run.garut("generate", "-m", quantised, "Who is 3?", "-n", 8, "--greedy");
    Run adapted = Run.garut("generate", "-m", quantised, "--adapter", out.resolve("adapter"), "Who is 3?", "-n", 8, "--greedy");
    assertThat(adapted.code()).as(adapted.err()).isZero();
    assertThat(adapted.out()).isNotEqualTo(plain.out());
    Run missing = Run.garut("generate", "-m", quantised, "--adapter", folder.resolve("none"), "a");
    assertThat(missing.code()).isEqualTo(ExitCode.NO_INPUT.code());
    assertThat(missing.err()).contains("check --adapter");
  }

  @Test
  void resumesWhatWasInterrupted() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"), true);
    Path data = records();
    List<Path> outs = List.of(folder.resolve("whole"), folder.resolve("cut"));
    for (Path out : outs) {
      Object[] words = {"finetune", "-m", model, "-d", data, "-o", out, "--batch-size", 4, "--learning-rate", 0.01,
        "--eval-every", 0, "--sample-tokens", 1, "--prompts", Files.writeString(folder.resolve("prompts"), "Who?\n")};
      if (out.endsWith("cut")) {
        Interruption interruption = new Interruption();
        interruption.request(); // after the first step
        Run cut = Run.run(interruption, new byte[0], words);
        assertThat(cut.err()).contains("go on with --resume");
        assertThat(cut.code()).isEqualTo(ExitCode.INTERRUPTED.code());
        Run refused = Run.garut(words);
        assertThat(refused.code()).isEqualTo(ExitCode.CANNOT_CREATE.code());
        assertThat(refused.err()).contains("holds a run already; go on with --resume");
        Object[] changed = append(append(words, "--resume"), "--seed=7");
        Run other = Run.garut(changed);
        assertThat(other.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(other.err()).contains("has seed 42, not 7");
        words = append(words, "--resume");
      }
      Run run = Run.garut(words);
      assertThat(run.code()).as(run.err()).isZero();
    }
    byte[] whole = Files.readAllBytes(outs.getFirst().resolve("model").resolve("model.safetensors"));
    assertThat(Files.readAllBytes(outs.getLast().resolve("model").resolve("model.safetensors"))).isEqualTo(whole);
  }

  private static Object[] append(Object[] words, Object last) {
    Object[] more = Arrays.copyOf(words, words.length + 1);
    more[words.length] = last;
    return more;
  }

  @Test
  void badRecordsAndNearDuplicatesAreLeftOutAndCounted() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"), true);
    String more =
        """
        {"instruction"
        {"response": 1}
        {"instruction": "Who keeps the sheep of the northern hill?", "response": "Ada keeps them all the year."}
        {"instruction": "Who keeps the sheep of the northern hill?", "response": "Ada keeps them all the year!"}
        """;
    Path data = Files.writeString(folder.resolve("more.jsonl"), Files.readString(records()) + more);
    Object[] words = {"finetune", "-m", model, "-d", data, "-o", folder.resolve("out"), "--skip-bad", "--near-duplicates", 0.8,
      "--test-size", 0, "--max-steps", 1, "--eval-every", 0, "--sample-tokens", 1};
    Run run = Run.garut(words);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("2 bad records", "more.jsonl:21", "more.jsonl:22", "near-duplicates", "more.jsonl:24 is like ")
        .contains(" records to learn, 0 for evaluation");
  }

  /** Weights of a half-sized type are written in that type: no reader has to take twice the memory. */
  @Test
  void aTypeIsKeptToTheEnd() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"), true);
    Path out = folder.resolve("out");
    Run run = Run.garut("finetune", "-m", model, "-d", records(), "-o", out, "--dtype", "BF16", "--pack", 128,
        "--learning-rate", 0.01, "--max-steps", 2, "--sample-tokens", 1);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out.resolve("model").resolve("config.json")).content().contains("bfloat16");
    Run answer = Run.garut("generate", "--model", out.resolve("model"), "Who is 3?", "-n", 2);
    assertThat(answer.code()).as(answer.err()).isZero();
  }

  @Test
  void saysWhatIsWrongBeforeAnythingIsDone() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"), true);
    Path out = folder.resolve("out");
    check(64, "say --data PATH", "finetune", "-m", model, "-o", out);
    check(64, "say --out FOLDER", "finetune", "-m", model, "-d", records());
    check(66, "there is no such file or folder; check --data", "finetune", "-m", model, "-d", "none.jsonl", "-o", out);
    check(64, "F32, BF16 or F16", "finetune", "-m", model, "-d", records(), "-o", out, "--dtype", "Q8_0");
    check(64, "are 1 at least", "finetune", "-m", model, "-d", records(), "-o", out, "--batch-size", 0);
    check(64, "context of 192 tokens", "finetune", "-m", model, "-d", records(), "-o", out, "--max-length", 193);
    check(66, "holds no run to resume", "finetune", "-m", model, "-d", records(), "-o", out, "--resume");
    String good = "{\"instruction\": \"a\", \"response\": \"b\"}\n";
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), good + "{\"instruction\"\n");
    check(65, "bad.jsonl:2", "finetune", "-m", model, "-d", bad, "-o", out);
    check(66, "check --config", "pretrain", "--config", "none.json", "-d", records(), "-o", out);
    assertThat(out).doesNotExist();
  }

  private static void check(int code, String message, Object... words) {
    Run run = Run.garut(words);
    assertThat(run.err()).contains(message);
    assertThat(run.code()).isEqualTo(code);
  }
}
