package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small tokenizers with unusual settings, against what Hugging Face's library made of the same texts. */
class TokenizerFixtureTest {
  @ParameterizedTest
  @ValueSource(strings = {"plain", "stripping", "template", "replacing"})
  void agreesWithHuggingFace(String name) throws Exception {
    Cases.agree(Cases.fixture(name), Cases.read(Cases.resource(name + "-cases.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "stripping", "template", "replacing"})
  void whatIsWrittenReadsTheSame(String name, @TempDir Path folder) throws Exception {
    ByteLevelBpe read = Cases.fixture(name);
    read.save(folder.resolve("tokenizer.json"));
    ByteLevelBpe again = ByteLevelBpe.open(folder);
    Cases.agree(again, Cases.read(Cases.resource(name + "-cases.json")));
    assertThat(again.toJson()).isEqualTo(read.toJson());
    assertThat(folder.toFile().list()).as("no partial file is left").containsExactly("tokenizer.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "template"})
  void everyPartButTheTemplatesIsWrittenAsHuggingFaceWritesIt(String name) throws Exception {
    JsonNode ours = Cases.read(Cases.fixture(name).toJson());
    JsonNode theirs = Cases.read(Cases.resource(name + ".json"));
    for (String part : List.of("version", "truncation", "added_tokens", "normalizer", "pre_tokenizer", "model")) {
      assertThat(ours.get(part)).as(part).isEqualTo(theirs.get(part));
    }
  }

  @Test
  void namesItsTokens() throws Exception {
    ByteLevelBpe tokenizer = Cases.fixture("plain");
    int end = tokenizer.id("### End").orElseThrow();
    assertThat(tokenizer.token(end)).isEqualTo("### End");
    assertThat(tokenizer.isSpecial(end)).isTrue();
    assertThat(tokenizer.token(tokenizer.encode(" ")[0])).isEqualTo("Ġ");
    assertThat(tokenizer.isSpecial(tokenizer.encode(" ")[0])).isFalse();
    assertThat(tokenizer.id("no such token")).isEmpty();
    assertThat(tokenizer.vocabularySize()).isEqualTo(tokenizer.addedTokens().lastKey() + 1);
  }

  @Test
  void anIdWithoutATokenDecodesToNothingAndHasNoName() throws Exception {
    ByteLevelBpe tokenizer = Cases.fixture("plain");
    int beyond = tokenizer.vocabularySize();
    assertThat(tokenizer.decode(beyond, -1, Integer.MAX_VALUE)).isEmpty();
    assertThat(tokenizer.decoder().push(beyond)).isEmpty();
    assertThat(tokenizer.isSpecial(beyond)).isFalse();
    assertThatThrownBy(() -> tokenizer.token(beyond))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no token has id " + beyond + "; ids go from 0 to " + (beyond - 1));
  }

  @Test
  void threadsMayShareOne() throws Exception {
    ByteLevelBpe shared = Cases.fixture("plain");
    JsonNode cases = Cases.read(Cases.resource("plain-cases.json"));
    // The word cache is shared without locks: every thread must still get every case right.
    List<Thread> threads = IntStream.range(0, 4).mapToObj(i -> new Thread(() -> {
      for (int round = 0; round < 50; round++) {
        Cases.agree(shared, cases);
      }
    })).toList();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    threads.forEach(thread -> thread.setUncaughtExceptionHandler((t, failure) -> failures.add(failure)));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void furtherTokensTakeTheNextIds() throws Exception {
    ByteLevelBpe tokenizer = Cases.fixture("plain");
    int next = tokenizer.vocabularySize();
    ByteLevelBpe dolly = tokenizer.withAddedTokens(
        List.of(AddedToken.special("### Instruction:"), AddedToken.word("sheepfold"), AddedToken.special("### End")));
    assertThat(dolly.vocabularySize()).isEqualTo(next + 2);
    assertThat(dolly.encode("### Instruction:sheepfold")).containsExactly(next, next + 1);
    assertThat(dolly.decode(new int[] {next, next + 1}, true)).isEqualTo("sheepfold");
    assertThat(ByteLevelBpe.parse(dolly.toJson(), "written").encode("### Instruction:sheepfold"))
        .containsExactly(next, next + 1);
  }
}
