package io.garut.train.data;

import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Tokenizers for tests. */
public final class Tokenizers {
  private static final List<String> SENTENCES = List.of(
      "Below is an instruction that describes a task. Write a response that appropriately completes the request.",
      "The sheep of the island graze where the grass is short and the wind is strong.",
      "A shepherd counted 12 sheep, then 123 sheep, then fell asleep at 3:45 in the morning.");

  private Tokenizers() {}

  /** A tiny one without Dolly's tokens. */
  public static ByteLevelBpe plain() {
    return BpeTrainer.ofSize(400).train(Collections.nCopies(3, SENTENCES).stream().flatMap(List::stream).iterator());
  }

  /** A tiny one with them. */
  public static ByteLevelBpe dolly() {
    return plain().withAddedTokens(RecordEncoder.dollyTokens());
  }

  /** One from the folder of reference results; the calling test is skipped where there is none. */
  public static ByteLevelBpe conformance(String relative) throws IOException {
    String folder = System.getenv("GARUT_CONFORMANCE");
    Assumptions.assumeTrue(folder != null, "GARUT_CONFORMANCE does not name the folder of reference results");
    Path path = Path.of(folder).resolve(relative);
    Assumptions.assumeTrue(Files.isDirectory(path) || relative.indexOf("..") < 0, path + " is not there");
    return ByteLevelBpe.open(path);
  }
}
