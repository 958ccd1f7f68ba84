package io.garut.tensor.io.safetensors;

import io.garut.tensor.DType;
import java.util.Optional;

/** The element types that a safetensors header may name, with their sizes. */
enum SafetensorsType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E5M2FNUZ(8),
  F8_E4M3FNUZ(8),
  F8_E8M0(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  /** Bits of an element. */
  int bits() {
    return bits;
  }

  /** The type called {@code name}, if there is one. */
  static Optional<SafetensorsType> named(String name) {
    for (SafetensorsType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The type that holds {@code dtype}, if there is one: none holds blocks. */
  static Optional<SafetensorsType> of(DType dtype) {
    return named(dtype.name());
  }
}
