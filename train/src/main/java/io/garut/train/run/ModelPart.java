package io.garut.train.run;

import io.garut.train.Trainer;
import io.garut.transformer.convert.ModelWriter;
import io.garut.transformer.lora.LoraAdapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What a checkpoint holds of a model: files that others load too. */
public interface ModelPart {
  /** No file: of an adapter, ranks write their parts only. */
  ModelPart NOTHING = new ModelPart() {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void writeInto(Path folder) {}
  };

  /** What the files take on the disk, in bytes, or a little less. */
  long bytes();

  /**
   * Writes the files into {@code folder}, which is there and empty. What is there after a failure is removed.
   *
   * @throws IOException if that fails
   */
  void writeInto(Path folder) throws IOException;

  /** All that a checkpoint of {@code trainer} holds; see {@link Snapshot#of}. */
  default Snapshot snapshot(Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
    return Snapshot.of(this, trainer, data, settings);
  }

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

      @Override
      public Snapshot snapshot(Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
        return trainer.group().isSharedOut()
            ? Snapshot.withParameters(described(writer), trainer, data, settings)
            : Snapshot.of(this, trainer, data, settings);
      }
    };
  }

  /** A model without its weights, of which ranks write their parts. */
  private static ModelPart described(ModelWriter writer) {
    return new ModelPart() {
      @Override
      public long bytes() {
        return 0;
      }

      @Override
      public void writeInto(Path folder) throws IOException {
        writer.describeInto(folder);
      }
    };
  }

  /**
   * An adapter, in the form that PEFT loads.
   *
   * @param base what to call the base model, a name of the hub or a path
   */
  static ModelPart of(LoraAdapter adapter, String base) {
    return new ModelPart() {
      @Override
      public long bytes() {
        return adapter.parameters().stream().mapToLong(parameter -> parameter.dtype().bytes(parameter.elements())).sum();
      }

      @Override
      public void writeInto(Path folder) throws IOException {
        adapter.save(folder, base);
      }

      @Override
      public Snapshot snapshot(Trainer trainer, Map<String, Object> data, Map<String, Object> settings) {
        return Snapshot.withParameters(trainer.group().isSharedOut() ? NOTHING : this, trainer, data, settings);
      }
    };
  }
}
