package io.garut.tensor.io;

/** The types of a metadata value, as GGUF numbers and stores them. */
public enum MetadataType {
  /** Unsigned, 1 byte. */
  UINT8(0, 1),
  /** Signed, 1 byte. */
  INT8(1, 1),
  /** Unsigned, 2 bytes. */
  UINT16(2, 2),
  /** Signed, 2 bytes. */
  INT16(3, 2),
  /** Unsigned, 4 bytes. */
  UINT32(4, 4),
  /** Signed, 4 bytes. */
  INT32(5, 4),
  /** IEEE binary32. */
  FLOAT32(6, 4),
  /** One byte, 0 or 1. */
  BOOL(7, 1),
  /** A length of 8 bytes, then as many bytes of UTF-8. */
  STRING(8, 8),
  /** The elements' type in 4 bytes, their number in 8, the elements. */
  ARRAY(9, 12),
  /** Unsigned, 8 bytes. */
  UINT64(10, 8),
  /** Signed, 8 bytes. */
  INT64(11, 8),
  /** IEEE binary64. */
  FLOAT64(12, 8);

  private final int id;
  private final int leastBytes;

  MetadataType(int id, int leastBytes) {
    this.id = id;
    this.leastBytes = leastBytes;
  }

  /** Its number in GGUF. */
  public int id() {
    return id;
  }

  /** The bytes of a value in a file; the fewest, for a string or an array. */
  public int leastBytes() {
    return leastBytes;
  }
}
