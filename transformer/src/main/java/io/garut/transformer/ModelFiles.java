package io.garut.transformer;

import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Format;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of a model, open for reading: a Hugging Face folder (config.json, weights, tokenizer.json if it is there)
 * or a GGUF file. Headers have been read and held against each other, no weight has been looked at. For one thread.
 */
public final class ModelFiles implements AutoCloseable {
  private final Path folder;
  private final Checkpoint checkpoint;
  private final NeoXConfig config;
  private Optional<ByteLevelBpe> tokenizer;

  private ModelFiles(Path folder, Checkpoint checkpoint, NeoXConfig config) {
    this.folder = folder;
    this.checkpoint = checkpoint;
    this.config = config;
  }

  /**
   * Opens the model at {@code path}.
   *
   * @throws IOException naming file and place, if anything is missing, damaged or does not fit together
   */
  public static ModelFiles open(Path path) throws IOException {
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Checkpoint checkpoint = Checkpoint.open(path);
    try {
      NeoXConfig config =
          checkpoint.format() == Format.GGUF
              ? ConfigReader.gguf(checkpoint)
              : ConfigReader.json(folder.resolve("config.json"));
      ModelFiles files = new ModelFiles(folder, checkpoint, config);
      files.weights().check(config);
      return files;
    } catch (CheckpointException | RuntimeException | Error e) {
      checkpoint.close();
      throw e;
    }
  }

  /** The folder that the weights lie in. */
  public Path folder() {
    return folder;
  }

  /** The weights' files. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** What shape the model is. */
  public NeoXConfig config() {
    return config;
  }

  /** Whether all is one GGUF file. */
  public boolean isGguf() {
    return checkpoint.format() == Format.GGUF;
  }

  /** The weights, by the hub's names. They stay valid when this is closed. */
  public CheckpointWeights weights() {
    return new CheckpointWeights(checkpoint);
  }

  /** Whether there is a tokenizer; it may yet turn out to be damaged. */
  public boolean hasTokenizer() {
    return isGguf() ? ModelTokenizer.isIn(checkpoint.metadata()) : ModelTokenizer.isIn(folder);
  }

  /**
   * Reads the tokenizer, if there is one.
   *
   * @throws IOException if it is damaged or of a kind that Garut does not know
   */
  public Optional<ByteLevelBpe> tokenizer() throws IOException {
    if (tokenizer == null) {
      tokenizer = isGguf() ? ModelTokenizer.gguf(checkpoint) : ModelTokenizer.json(folder);
      if (tokenizer.isPresent() && tokenizer.get().vocabularySize() > config.vocabularySize()) {
        String what = "has %d ids, the model only %d rows for them"
            .formatted(tokenizer.get().vocabularySize(), config.vocabularySize());
        throw new CheckpointException(checkpoint.source(), "tokenizer", what, "it belongs to another model");
      }
    }
    return tokenizer;
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
