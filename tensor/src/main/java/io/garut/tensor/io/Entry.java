package io.garut.tensor.io;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a checkpoint says about one tensor.
 *
 * @param name its name in the file
 * @param type the name of its element type: the {@link DType}'s, or the format's own (U8, IQ2_XS…) where there is no
 *     DType for it
 * @param shape its dimensions, outermost first in every format
 * @param file the file that holds its data
 * @param offset where in the file its first element lies
 * @param byteLength the bytes of its elements; for a PyTorch tensor with gaps between its elements, without the gaps
 */
public record Entry(String name, String type, Shape shape, Path file, long offset, long byteLength) {
  /**
   * Its element type; empty where Garut has none for it, so that it is listed but cannot be {@linkplain Checkpoint#map
   * read}.
   */
  public Optional<DType> dtype() {
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(type)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }
}
