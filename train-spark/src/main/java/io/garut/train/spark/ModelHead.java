package io.garut.train.spark;

import io.garut.train.data.RecordEncoder;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Path;

/** What is read of a model before its weights: configuration, and tokenizer, with Dolly's tokens where there is room. */
record ModelHead(NeoXConfig config, ByteLevelBpe tokenizer) {
  static ModelHead of(Path model) throws IOException {
    try (ModelFiles files = ModelFiles.open(model)) {
      ByteLevelBpe tokenizer = files.tokenizer()
          .orElseThrow(() -> new IOException(model + ": there is no tokenizer beside the model; put its tokenizer.json there"));
      return new ModelHead(files.config(), withDollyTokens(tokenizer, files.config()));
    }
  }

  /** As Dolly was made. */
  private static ByteLevelBpe withDollyTokens(ByteLevelBpe tokenizer, NeoXConfig config) {
    if (RecordEncoder.of(tokenizer).isDolly()) {
      return tokenizer;
    }
    ByteLevelBpe extended = tokenizer.withAddedTokens(RecordEncoder.dollyTokens());
    return extended.vocabularySize() > config.vocabularySize() ? tokenizer : extended;
  }

  RecordEncoder encoder() {
    return RecordEncoder.of(tokenizer);
  }
}
