package io.garut.train.spark;

import io.garut.tensor.DType;
import io.garut.tensor.op.Activation;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small random model with a tokenizer that lacks Dolly's tokens, and records for it. */
final class TinyModel {
  /** With what a JVM is ready soonest for a few steps; plain loops need no warming up. */
  static final List<String> JVM =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dgarut.vector.bits=0", "-Dgarut.threads=1");

  static final int RECORDS = 27;

  private TinyModel() {}

  static Path write(Path folder) throws IOException {
    NeoXConfig config = new NeoXConfig(
        311, 64, 2, 4, 96, Activation.GELU, new RotaryConfig(0.25, 10_000, new RotaryConfig.Unscaled()), 192, 1e-5, true, true,
        false, 0, 0);
    String text = "Why do sheep flock together? Who is the sheep, and who is the king of the hill?";
    ByteLevelBpe tokenizer =
        BpeTrainer.ofSize(300).specialTokens(List.of("<|endoftext|>")).train(List.of(text, text).iterator());
    try (GptNeoX model = GptNeoX.random(config, DType.F32, 5)) {
      ModelWriter.of(model).tokenizer(tokenizer).write(folder);
    }
    return folder;
  }

  /** A line of JSON each, of different lengths, some with a context. */
  static Path writeRecords(Path file) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < RECORDS; i++) {
      String context = i % 3 == 0 ? "There are %d sheep.".formatted(i) : "";
      lines.append(
          "{\"instruction\": \"Who is %d?\", \"context\": \"%s\", \"response\": \"%s%d.\", \"category\": \"open_qa\"}\n"
              .formatted(i, context, "A sheep, the ".repeat(1 + i % 4), i));
    }
    return Files.writeString(file, lines);
  }
}
