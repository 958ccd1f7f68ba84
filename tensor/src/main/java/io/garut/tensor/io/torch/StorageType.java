package io.garut.tensor.io.torch;

/** PyTorch's storage classes, by their names in module {@code torch}. */
enum StorageType {
  DoubleStorage("F64", 8),
  FloatStorage("F32", 4),
  HalfStorage("F16", 2),
  BFloat16Storage("BF16", 2),
  LongStorage("I64", 8),
  IntStorage("I32", 4),
  ShortStorage("I16", 2),
  CharStorage("I8", 1),
  ByteStorage("U8", 1),
  BoolStorage("BOOL", 1);

  private final String type;
  private final int bytes;

  StorageType(String type, int bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  /** The name of the element type, as {@link io.garut.tensor.io.Entry#type} has it. */
  String type() {
    return type;
  }

  /** Bytes of an element. */
  int bytes() {
    return bytes;
  }
}
