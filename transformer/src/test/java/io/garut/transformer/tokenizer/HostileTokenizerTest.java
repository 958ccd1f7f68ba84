package io.garut.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that lie, contradict themselves or ask for what byte-level BPE is not: one clear error each. */
class HostileTokenizerTest {
  private static final String SMALL = """
      {"version":"1.0","added_tokens":[],"normalizer":null,
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
       "post_processor":null,"decoder":{"type":"ByteLevel"},
       "model":{"type":"BPE","dropout":null,"unk_token":null,"vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}""";

  @Test
  void theUnchangedFileIsRead() throws Exception {
    assertThat(ByteLevelBpe.parse(SMALL, "t.json").encode("abba")).containsExactly(2, 1, 0);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "\"version\":\"1.0\" | \"version\":\"2.0\" | version: expected 1.0",
      "\"version\":\"1.0\" | \"version\":\"1.0\",\"version\":\"1.0\" | version: the key is there twice",
      "\"BPE\" | \"Unigram\" | model.type: \"Unigram\" is not read",
      "\"a\":0 | \"a\":-1 | model.vocab: \"a\" has id -1",
      "\"a\":0 | \"a\":4194304 | model.vocab: \"a\" has id 4194304",
      "\"a\":0 | \"a\":99999999999 | line 4, column 80: Numeric value (99999999999) out of range of int",
      "\"a\":0 | \"a\":1 | model.vocab: ",
      "\"a\":0 | \"a\":0,\"a\":3 | model.vocab: \"a\" is there twice",
      "\"a\":0 | \"a\":\"0\" | model.vocab: the id of \"a\" is no whole number",
      "\"a\":0 | \"\\ud800\":0 | model.vocab: the token with id 0 holds half a surrogate pair",
      "\"a b\" | \"a c\" | model.merges[0]: \"c\" is not in the vocabulary",
      "\"a b\" | \"b a\" | model.merges[0]: \"ba\" is not in the vocabulary",
      "\"a b\" | \"ab\" | model.merges[0]: expected two tokens and one space, found \"ab\"",
      "\"a b\" | [\"a\",\"b\",\"c\"] | model.merges[0]: expected two tokens, found 3",
      "\"a b\" | [\"a\",1] | model.merges[0][1]: expected text, found 1.0",
      "\"merges\":[\"a b\"] | \"merges\":7 | model.merges: expected one list",
      ",\"merges\":[\"a b\"] | `` | model: no merges; a BPE model has both",
      "\"dropout\":null | \"dropout\":0.1 | model.dropout: encoding at random is not supported",
      "\"dropout\":null | \"byte_fallback\":true | model.byte_fallback: not supported where the vocabulary",
      "\"dropout\":null | \"end_of_word_suffix\":\"</w>\" | model.end_of_word_suffix: not supported",
      "\"unk_token\":null | \"unk_token\":\"?\" | model.unk_token: \"?\" is not in the vocabulary",
      "\"normalizer\":null | \"normalizer\":{\"type\":\"Nmt\"} | normalizer.type: \"Nmt\" is not supported; NFC",
      "\"normalizer\":null | \"normalizer\":{} | normalizer.type: expected text, found nothing",
      "\"type\":\"ByteLevel\",\"add | \"type\":\"Metaspace\",\"add | pre_tokenizer.type: \"Metaspace\"",
      "\"decoder\":{\"type\":\"ByteLevel\"} | \"decoder\":null | decoder: there is none",
      "\"decoder\":{\"type\":\"ByteLevel\"} | \"decoder\":{\"type\":\"CTC\"} | decoder.type: \"CTC\" is not supported",
      "\"post_processor\":null | \"post_processor\":{\"type\":\"Bert\"} | post_processor.type: \"Bert\" is not",
      "[\"a b\"]}} | [\"a b\"]} | line 4, column 102: Unexpected end-of-input: expected close marker for Object",
      "[\"a b\"]}} | [\"a b\"]}}{} | something follows the end of the object",
  })
  void contradictionsAndStrangersAreRefused(String part, String instead, String message) {
    assertThat(SMALL).contains(part);
    assertThatThrownBy(() -> ByteLevelBpe.parse(SMALL.replace(part, instead), "t.json"))
        .isInstanceOf(TokenizerException.class)
        .hasMessageStartingWith("t.json: " + message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "7777 | x | false | added_tokens[0].id: \"x\" says id 7777, but added tokens take",
      "1 | a | false | added_tokens[0].id: \"a\" says id 1, but added tokens take the vocabulary's id",
      "1e10 | a | false | added_tokens[0].id: expected a whole number below 2^31",
      "3 | x | 5 | added_tokens[0].special: expected true or false, found 5.0",
  })
  void addedTokensMustFitTheVocabulary(String id, String content, String special, String message) {
    String token = """
        "added_tokens":[{"id":%s,"content":"%s","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,\
        "special":%s}]""".formatted(id, content, special);
    assertThatThrownBy(() -> ByteLevelBpe.parse(SMALL.replace("\"added_tokens\":[]", token), "t.json"))
        .isInstanceOf(TokenizerException.class)
        .hasMessageStartingWith("t.json: " + message);
  }

  @Test
  void depthIsLimited() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    String json = SMALL.replace("\"normalizer\":null", "\"normalizer\":" + deep);
    assertThatThrownBy(() -> ByteLevelBpe.parse(json, "t.json"))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("depth");
  }

  @Test
  void manyStepsAndGrowingTextAreRefused() throws Exception {
    String digits = "{\"type\":\"Digits\",\"individual_digits\":true},".repeat(100_000);
    String many = SMALL.replace("\"pre_tokenizer\":", "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":["
        + digits).replace("\"use_regex\":true}", "\"use_regex\":true}]}");
    assertThatThrownBy(() -> ByteLevelBpe.parse(many, "t.json")).isInstanceOf(TokenizerException.class)
        .hasMessage("t.json: pre_tokenizer: more than 64 steps are not supported");

    String step = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}";
    String doubling = "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[" + (step + ",").repeat(39) + step + "]}";
    ByteLevelBpe tokenizer = ByteLevelBpe.parse(SMALL.replace("\"normalizer\":null", doubling), "t.json");
    assertThatThrownBy(() -> tokenizer.encode("a")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("characters of 16777216; at most 16777216 are worked on");
  }

  @Test
  void invalidUtf8IsRefusedWithItsPlace(@TempDir Path folder) throws Exception {
    byte[] bytes = SMALL.getBytes(StandardCharsets.UTF_8);
    bytes[5] = (byte) 0xC0;
    Path file = Files.write(folder.resolve("tokenizer.json"), bytes);
    assertThatThrownBy(() -> ByteLevelBpe.open(folder)).isInstanceOf(TokenizerException.class)
        .hasMessage(file + ": byte 5: this is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{}", "\u0000", "{\"model\":{}}", "{\"model\":[]}"})
  void whatIsNoTokenizerIsRefused(String json) {
    assertThatThrownBy(() -> ByteLevelBpe.parse(json, "t.json")).isInstanceOf(TokenizerException.class)
        .hasMessageStartingWith("t.json: ");
  }

  @Test
  void aMissingFileIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> ByteLevelBpe.open(folder)).isInstanceOf(TokenizerException.class)
        .hasMessage(folder.resolve("tokenizer.json")
            + ": there is no such file; a tokenizer is read from tokenizer.json");
  }

  @Test
  void aMillionCharactersWithoutASpaceTakeSeconds() throws Exception {
    ByteLevelBpe tokenizer = Cases.fixture("plain");
    long start = System.nanoTime();
    assertThat(tokenizer.decode(tokenizer.encode("sheep".repeat(200_000)))).hasSize(1_000_000);
    assertThat(tokenizer.decode(tokenizer.encode(" ".repeat(1_000_000)))).hasSize(1_000_000);
    assertThat(tokenizer.decode(tokenizer.encode("\u2003".repeat(300_000)))).hasSize(300_000);
    assertThat(Cases.fixture("stripping").encode("\u2003".repeat(1_000_000))).isNotEmpty();
    // Quadratic work would take hours; a generous bound keeps a busy machine from failing.
    assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(20);
  }

  @Test
  void mutatedFilesEndInOneErrorOrATokenizer() throws Exception {
    mutate(2_000);
  }

  @Test
  @Tag("slow")
  void manyMutatedFilesEndInOneErrorOrATokenizer() throws Exception {
    mutate(100_000);
  }

  private static void mutate(int cases) throws IOException {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20230412);
    byte[] original = Cases.resource("template.json").getBytes(StandardCharsets.UTF_8);
    int read = 0;
    for (int i = 0; i < cases; i++) {
      byte[] bytes = original.clone();
      int changes = 1 + random.nextInt(4);
      for (int k = 0; k < changes; k++) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(4)) {
          case 0 -> bytes[at] = (byte) random.nextInt();
          case 1 -> bytes[at] = (byte) "{}[]\",:0-9eE\\ntu ".charAt(random.nextInt(17));
          case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
          default -> System.arraycopy(
              original, random.nextInt(original.length - 8), bytes, Math.min(at, Math.max(0, bytes.length - 8)),
              Math.min(8, bytes.length));
        }
      }
      try {
        ByteLevelBpe tokenizer = new ByteLevelBpe(TokenizerReader.parse(bytes, "t.json"), "t.json");
        assertThat(tokenizer.decode(tokenizer.encode("The sheep 12."))).isNotNull();
        read++;
      } catch (TokenizerException e) {
        assertThat(e).hasMessageStartingWith("t.json: ");
      }
    }
    assertThat(read).as("files that were still tokenizers").isPositive();
  }
}
