package io.garut.tensor.io;

/** The file formats of checkpoints. */
public enum Format {
  /** Hugging Face's safetensors: a JSON header, then the data. */
  SAFETENSORS("safetensors"),
  /** What {@code torch.save} writes since PyTorch 1.6: a zip archive of a pickle and one file for each storage. */
  PYTORCH("PyTorch zip"),
  /** ggml's GGUF, versions 2 and 3. */
  GGUF("GGUF");

  private final String title;

  Format(String title) {
    this.title = title;
  }

  /** The name to show. */
  public String title() {
    return title;
  }
}
