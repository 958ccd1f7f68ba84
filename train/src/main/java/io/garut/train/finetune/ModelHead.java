package io.garut.train.finetune;

import io.garut.train.data.DataException;
import io.garut.train.data.RecordEncoder;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a fine-tuning reads of a model before its weights.
 *
 * @param config its shape
 * @param tokenizer with Dolly's keys as tokens, where the vocabulary has room for them
 */
public record ModelHead(NeoXConfig config, ByteLevelBpe tokenizer) {
  /**
   * Of the model at {@code path}.
   *
   * @throws DataException if there is no tokenizer beside it
   * @throws IOException if it cannot be read
   */
  public static ModelHead open(Path path) throws IOException {
    try (ModelFiles files = ModelFiles.open(path)) {
      ByteLevelBpe tokenizer = files.tokenizer().orElseThrow(
          () -> new DataException(path + ": the model came without a tokenizer; put its tokenizer.json beside the weights"));
      return of(files.config(), tokenizer);
    }
  }

  /** Adds Dolly's keys to {@code tokenizer}, as Dolly was made, where the vocabulary has room for them. */
  static ModelHead of(NeoXConfig config, ByteLevelBpe tokenizer) {
    ByteLevelBpe extended =
        RecordEncoder.of(tokenizer).isDolly() ? tokenizer : tokenizer.withAddedTokens(RecordEncoder.dollyTokens());
    return new ModelHead(config, extended.vocabularySize() > config.vocabularySize() ? tokenizer : extended);
  }

  /** What makes examples for it. */
  public RecordEncoder encoder() {
    return RecordEncoder.of(tokenizer);
  }
}
