package io.garut.transformer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.garut.tensor.DType;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.TinyModels;
import io.garut.transformer.tokenizer.LetterTokenizer;
import io.garut.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatorTest {
  private static final Tokenizer LETTERS = new LetterTokenizer();

  /** The conformance pack's bound for log-likelihoods. */
  private static final double BOUND = 1e-4;

  @TempDir private Path folder;

  private static Path tales() {
    String pack = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(pack != null, "GARUT_CONFORMANCE names no folder: tales-7m is not evaluated");
    Path model = Path.of(pack).toAbsolutePath().normalize().resolveSibling("models").resolve("tales-7m");
    Assumptions.assumeTrue(Files.isDirectory(model), model + " is not there");
    return model;
  }

  /** On the trained model, as Transformers scores it. */
  @Test
  void everyTaskIsScoredAsTheHarnessWould() throws IOException {
    try (GptNeoX model = GptNeoX.open(tales())) {
      Tokenizer tokenizer = model.tokenizer().orElseThrow();
      for (Task task : Task.values()) {
        TaskFile file = TaskFile.read(task, Fixtures.file(task));
        JsonNode expected = Fixtures.expected(task);
        assertPassages(model, tokenizer, file, expected.get("items"));
        TaskResult result = new Evaluator(model, tokenizer).evaluate(file, done -> {});
        JsonNode wanted = expected.get("scores");
        assertThat(result.scores()).hasSize(wanted.size() / 2);
        for (TaskResult.Score score : result.scores()) {
          double value = wanted.get(score.measure().id()).asDouble();
          double error = wanted.get(score.measure().id() + "_stderr").asDouble();
          // shares are exact; a perplexity is off by as much, relatively, as a log-likelihood absolutely
          assertThat(score.value()).as(task + " " + score.measure()).isCloseTo(value, within(value * BOUND));
          assertThat(score.standardError().orElseThrow()).isCloseTo(error, within(error * BOUND));
        }
      }
    }
  }

  private static void assertPassages(GptNeoX model, Tokenizer tokenizer, TaskFile file, JsonNode expected) {
    List<Scorer.Request> requests = new ArrayList<>();
    for (Item item : file.items()) {
      item.passages().forEach(passage -> requests.add(passage.encode(tokenizer, 0)));
    }
    List<Scorer.LogLikelihood> all = new Scorer(model).logLikelihoods(requests, done -> {});
    int at = 0;
    for (JsonNode item : expected) {
      for (int i = 0; i < item.get("passages").size(); i++, at++) {
        String what = item.get("passages").get(i).toString();
        assertThat(requests.get(at).context()).as(what).hasSize(item.get("tokens").get(i).get(0).asInt());
        assertThat(requests.get(at).continuation()).as(what).hasSize(item.get("tokens").get(i).get(1).asInt());
        assertThat(all.get(at).logLikelihood())
            .as(what)
            .isCloseTo(item.get("log_likelihoods").get(i).asDouble(), within(BOUND));
        assertThat(all.get(at).greedy()).as(what).isEqualTo(item.get("greedy").get(i).asBoolean());
      }
    }
    assertThat(all).hasSize(at);
  }

  @Test
  void severalAtOnceScoreWhatEachScoresAlone() {
    try (GptNeoX model = TinyModels.model(DType.F32)) {
      List<Scorer.Request> requests = new ArrayList<>();
      for (int i = 0; i < 60; i++) { // some 2400 tokens: three batches
        int[] context = new int[1 + i * 7 % 70]; // up to more than the context of 64 holds
        int[] continuation = new int[1 + i % 5];
        for (int j = 0; j < context.length; j++) {
          context[j] = (i * 31 + j * 17 + 5) % 97;
        }
        for (int j = 0; j < continuation.length; j++) {
          continuation[j] = (i * 13 + j * 29 + 2) % 97;
        }
        requests.add(new Scorer.Request(context, continuation));
      }
      Scorer scorer = new Scorer(model);
      List<Integer> done = new ArrayList<>();
      List<Scorer.LogLikelihood> all = scorer.logLikelihoods(requests, done::add);
      assertThat(done).hasSizeGreaterThan(1).isSorted().endsWith(60);
      for (int i = 0; i < requests.size(); i++) {
        Scorer.Request request = requests.get(i);
        Scorer.LogLikelihood alone = scorer.logLikelihood(request.context(), request.continuation());
        // 64 features: sums of as many products of numbers around one, in another order, for up to five tokens
        assertThat(all.get(i).logLikelihood()).isCloseTo(alone.logLikelihood(), within(5 * 64 * 0x1p-22));
        assertThat(all.get(i).greedy()).isEqualTo(alone.greedy());
      }
    }
  }

  /** A model that knows that u follows a space, and what a clue is. */
  @Test
  void marksAreSharesOfQuestions() throws IOException {
    Path file = folder.resolve("x.jsonl");
    Files.writeString(file, "{\"text\": \"the clue u\"}\n{\"text\": \"the clue o\"}\n{\"text\": \"clue u\"}\n");
    try (GptNeoX model = TinyModels.chain(LETTERS.encode("e u"))) {
      Evaluator evaluator = new Evaluator(model, LETTERS);
      TaskResult result = evaluator.evaluate(TaskFile.read(Task.LAMBADA, file), done -> {});
      assertThat(result.value(Measure.ACC)).hasValue(2.0 / 3);
      assertThat(result.value(Measure.ACC_NORM)).isEmpty();
      TaskResult one = evaluator.evaluate(TaskFile.read(Task.LAMBADA, file, 1), done -> {});
      assertThat(one.value(Measure.ACC)).hasValue(1);
      assertThat(one.scores()).extracting(TaskResult.Score::standardError).containsOnly(OptionalDouble.empty());
      assertThat(one.records()).isEqualTo(3);
      assertThat(one.asked()).isEqualTo(1);
      assertThatThrownBy(() -> evaluator.evaluate(TaskFile.read(Task.LAMBADA, file, 0), done -> {}))
          .hasMessageContaining("there is no question");
      Files.writeString(file, "{\"text\": \"a b\"}\n{\"text\": \"the " + "z".repeat(64) + "\"}\n");
      assertThatThrownBy(() -> evaluator.evaluate(TaskFile.read(Task.LAMBADA, file), done -> {}))
          .isInstanceOf(RecordException.class)
          .hasMessageContaining("x.jsonl:2: a continuation of 65 tokens; the model's context holds 64");
    }
  }

  @Test
  void passagesAreCutAsTheHarnessCutsThem() {
    assertThat(request("ab", " c")).isEqualTo(List.of("ab", " c"));
    assertThat(request("ab \t\u00a0", "c").getLast()).as("white space goes to the continuation").endsWith("c");
    assertThat(request("ab  ", "c")).isEqualTo(List.of("ab", "  c"));
    assertThat(request("", " c")).as("an empty context is the end of a document").isEqualTo(List.of("\0", " c"));
    assertThat(request(" ", "c")).isEqualTo(List.of("\0", " c"));
  }

  private static List<String> request(String context, String continuation) {
    Scorer.Request request = new Passage(context, continuation).encode(LETTERS, 0);
    return List.of(letters(request.context()), letters(request.continuation()));
  }

  private static String letters(int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(id < 0 ? "?" : LETTERS.token(id)); // the tokenizer knows no tabs
    }
    return text.toString();
  }
}
