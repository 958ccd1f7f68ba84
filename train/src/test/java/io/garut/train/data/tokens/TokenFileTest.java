package io.garut.train.data.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.train.data.Example;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.Tokenizers;
import io.garut.train.data.TrainingRecord.Document;
import io.garut.train.data.TrainingRecord.Instruction;
import io.garut.train.data.batch.Batch;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Position;
import io.garut.train.data.reading.ReadOptions;
import io.garut.train.data.reading.RecordReader;
import io.garut.transformer.tokenizer.AddedToken;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
  private static final String TEXT =
      "The sheep graze where the grass is short.\n<|endoftext|>A shepherd counted 12 sheep,\nthen fell asleep.";

  @TempDir private Path folder;

  private TokenFile write(String text, RecordEncoder encoder, int longest) throws IOException {
    Path texts = Files.writeString(folder.resolve("a.txt"), text);
    try (RecordReader reader = RecordReader.open(texts, new ReadOptions(false, longest))) {
      return TokenFileWriter.write(folder.resolve("tokens"), reader, encoder);
    }
  }

  /** Cut or not, the file has the tokens of the whole text. */
  @ParameterizedTest
  @ValueSource(ints = {24, 33, 1000})
  void theTokensAreThoseOfTheWholeText(int longest) throws IOException {
    ByteLevelBpe tokenizer = Tokenizers.plain();
    try (TokenFile file = write(TEXT, RecordEncoder.of(tokenizer), longest)) {
      int[] ids = tokenizer.encode(TEXT + "<|endoftext|>");
      assertThat(file.size()).isEqualTo(ids.length);
      assertThat(file.read(0, ids.length)).isEqualTo(ids);
      assertThat(file.read(3, 2)).containsExactly(ids[3], ids[4]);
      assertThat(file.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
      assertThatThrownBy(() -> file.read(ids.length - 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.read(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(folder.resolve("tokens.part")).doesNotExist();
    assertThat(Files.size(folder.resolve("tokens"))).isEqualTo(40 + 2L * tokenizer.encode(TEXT + "<|endoftext|>").length);
  }

  @Test
  void aLargeVocabularyTakesFourBytesEach() throws IOException {
    ByteLevelBpe tokenizer = Tokenizers.plain().withAddedTokens(
        IntStream.range(0, 66_000).mapToObj(i -> AddedToken.special("<" + i + ">")).toList());
    try (TokenFile file = write("a<65999>b", RecordEncoder.of(tokenizer), 1000)) {
      assertThat(file.read(0, 4)).isEqualTo(tokenizer.encode("a<65999>b<|endoftext|>"));
      assertThat(file.read(1, 1)[0]).isGreaterThan(1 << 16);
    }
  }

  @Test
  void otherRecordsAreJoinedAsTheyAre() throws IOException {
    RecordEncoder encoder = RecordEncoder.of(Tokenizers.dolly());
    Instruction instruction = new Instruction("Why?", "", "So.");
    try (TokenFileWriter writer = new TokenFileWriter(folder.resolve("tokens"), encoder)) {
      writer.add(instruction);
      writer.add(new Document("Once"));
      writer.finish();
    }
    try (TokenFile file = TokenFile.open(folder.resolve("tokens"))) {
      String all = encoder.tokenizer().decode(file.read(0, Math.toIntExact(file.size())));
      assertThat(all).endsWith("So.\n\n### End<|endoftext|>Once<|endoftext|>");
    }
  }

  @Test
  void whatIsNotFinishedIsNotThere() throws IOException {
    try (TokenFileWriter writer = new TokenFileWriter(folder.resolve("tokens"), RecordEncoder.of(Tokenizers.plain()))) {
      writer.add(new Document("Once"));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
      "0, 71, this is no file of tokens",
      "8, 2, version 2 is not read",
      "12, 3, tokens of 3 bytes are not read",
      "19, 200, a vocabulary of 33",
      "24, 7, it says that it has",
  })
  void damageIsToldOf(int at, int value, String problem) throws IOException {
    write(TEXT, RecordEncoder.of(Tokenizers.plain()), 1000).close();
    Path file = folder.resolve("tokens");
    byte[] bytes = Files.readAllBytes(file);
    byte[] damaged = bytes.clone();
    damaged[at] = (byte) (value == 71 ? 'g' : value);
    Files.write(file, damaged);
    assertThatThrownBy(() -> TokenFile.open(file)).isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": " + problem).hasMessageEndingWith("; write it again from the texts");
    for (int length = 0; length < bytes.length; length += 13) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> TokenFile.open(file)).isInstanceOf(IOException.class).hasMessageStartingWith(file + ": ");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 1000})
  void windowsLearnEveryTokenButTheFirstOnce(int length) throws IOException {
    try (TokenFile file = write(TEXT, RecordEncoder.of(Tokenizers.plain()), 1000)) {
      int[] all = file.read(0, Math.toIntExact(file.size()));
      TokenWindows windows = TokenWindows.of(file, length);
      int at = 1;
      for (int i = 0; i < windows.size(); i++) {
        Example window = windows.get(i);
        assertThat(window.length()).isEqualTo(windows.length(i)).isBetween(2, length);
        assertThat(window.ids()).isEqualTo(Arrays.copyOfRange(all, at - 1, at - 1 + window.length()));
        at += window.learnt();
      }
      assertThat(at).isEqualTo(all.length);
    }
  }

  @Test
  void theLastWindowsAreKeptForEvaluation() throws IOException {
    try (TokenFile file = write(TEXT, RecordEncoder.of(Tokenizers.plain()), 1000)) {
      TokenWindows windows = TokenWindows.of(file, 8);
      TokenWindows.Split split = windows.split(2);
      assertThat(split.test().size()).isEqualTo(2);
      assertThat(split.train().size()).isEqualTo(windows.size() - 2);
      for (int i = 0; i < windows.size(); i++) {
        boolean test = i >= windows.size() - 2;
        Example window = test ? split.test().get(i - windows.size() + 2) : split.train().get(i);
        assertThat(window.ids()).isEqualTo(windows.get(i).ids());
      }
      assertThat(List.of(windows.fingerprint(), split.train().fingerprint(), split.test().fingerprint()))
          .doesNotHaveDuplicates();
      assertThatThrownBy(() -> windows.split(windows.size())).hasMessageContaining("cannot be taken for evaluation");
      assertThatThrownBy(() -> TokenWindows.of(file, 1)).hasMessageContaining("two are the least");
    }
  }

  @Test
  void windowsAreExamplesLikeOthers() throws IOException {
    try (TokenFile file = write(TEXT, RecordEncoder.of(Tokenizers.plain()), 1000)) {
      Batches batches = Batches.of(TokenWindows.of(file, 8)).examplesPerMicroBatch(2);
      long learnt = 0;
      for (Batch batch : batches.from(Position.START, 1)) {
        learnt += batch.learnt();
      }
      assertThat(learnt).isEqualTo(file.size() - 1);
    }
  }
}
