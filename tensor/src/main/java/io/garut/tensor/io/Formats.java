package io.garut.tensor.io;

import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.gguf.GgufReader;
import io.garut.tensor.io.safetensors.SafetensorsReader;
import io.garut.tensor.io.torch.TorchReader;
import java.nio.charset.StandardCharsets;

/** Tells the formats apart by a file's first bytes. */
final class Formats {
  private static final int START = 16;

  private Formats() {}

  /**
   * Reads {@code file} as what it is.
   *
   * @throws CheckpointException if it is no checkpoint, or a bad one
   */
  static Checkpoint read(FileBytes file) throws CheckpointException {
    byte[] start = file.read("start", 0, (int) Math.min(START, file.size()));
    if (GgufReader.recognises(start)) {
      return GgufReader.read(file);
    }
    if (TorchReader.recognises(start)) {
      return TorchReader.read(file);
    }
    if (SafetensorsReader.recognises(start)) {
      return SafetensorsReader.read(file);
    }
    throw refusal(file, start);
  }

  private static CheckpointException refusal(FileBytes file, byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("version https:/")) {
      return file.refused("start", "it is a Git LFS pointer, not the file itself", "run 'git lfs pull'");
    }
    if (TorchReader.isLegacy(start)) {
      return file.refused(
          "start",
          "it is a PyTorch file of the form before 1.6",
          "convert it once in Python: torch.save(torch.load(file, map_location='cpu'), new_file)");
    }
    if (start.length < START) {
      return file.damaged("start", "has only " + file.size() + " bytes");
    }
    return file.refused(
        "start",
        "is neither safetensors nor a PyTorch zip file nor GGUF: it begins with " + CheckpointException.quote(text),
        "name a checkpoint file, or a folder that holds one");
  }
}
