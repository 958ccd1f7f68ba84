package io.garut.transformer.convert;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.transformer.WeightNames;
import java.util.Optional;

/**
 * Which type each matrix is written in. Where nothing is said a matrix keeps the type it has.
 *
 * @param matrices all matrices, but for those below
 * @param embedding the token embedding
 * @param head what makes logits of hidden states
 */
record WeightTypes(Optional<DType> matrices, Optional<DType> embedding, Optional<DType> head) {
  /** Every matrix in its own type. */
  static final WeightTypes KEEP = new WeightTypes(Optional.empty(), Optional.empty(), Optional.empty());

  /** The type that the matrix {@code name}, which is {@code stored} now, should have. */
  DType wanted(String name, DType stored) {
    Optional<DType> wanted =
        switch (name) {
          case WeightNames.EMBEDDING -> embedding.or(() -> matrices);
          case WeightNames.HEAD -> head.or(() -> matrices);
          default -> matrices;
        };
    return wanted.orElse(stored == DType.F64 ? DType.F32 : stored); // no format for models has F64
  }

  /** The type it gets in a GGUF file: the one wanted, if its rows are whole blocks; else as llama.cpp does it. */
  DType gguf(String name, Shape shape, DType stored) {
    DType wanted = wanted(name, stored);
    if (shape.last() % wanted.blockSize() == 0) {
      return wanted;
    }
    return stored == DType.BF16 ? DType.BF16 : DType.F16;
  }
}
