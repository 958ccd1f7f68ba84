package io.garut.train.run;

import io.garut.transformer.convert.ModelWriter;
import java.io.IOException;
import java.nio.file.Path;

/** What a checkpoint holds of a model: files that others load too. */
public interface ModelPart {
  /** What the files take on the disk, in bytes, or a little less. */
  long bytes();

  /**
   * Writes the files into {@code folder}, which is there and empty. What is there after a failure is removed.
   *
   * @throws IOException if that fails
   */
  void writeInto(Path folder) throws IOException;

  /** A whole model, in a form that Transformers loads. */
  static ModelPart of(ModelWriter writer) {
    return new ModelPart() {
      @Override
      public long bytes() {
        return writer.bytes();
      }

      @Override
      public void writeInto(Path folder) throws IOException {
        writer.writeInto(folder);
      }
    };
  }
}
