package io.garut.tensor.io;

import java.util.List;

/** One value of a checkpoint's metadata. Safetensors knows texts only, GGUF all of these. */
public sealed interface MetadataValue {
  /** Its type. */
  MetadataType type();

  /** A text. */
  record Text(String value) implements MetadataValue {
    @Override
    public MetadataType type() {
      return MetadataType.STRING;
    }
  }

  /** A whole number, signed or not; an unsigned one of 64 bits past 2⁶³−1 is held as its negative bit pattern. */
  record Whole(MetadataType type, long value) implements MetadataValue {
    /** Checks that {@code value} fits {@code type}. */
    public Whole {
      boolean fits =
          switch (type) {
            case UINT8 -> value >= 0 && value <= 0xff;
            case INT8 -> value == (byte) value;
            case UINT16 -> value >= 0 && value <= 0xffff;
            case INT16 -> value == (short) value;
            case UINT32 -> value >= 0 && value <= 0xffff_ffffL;
            case INT32 -> value == (int) value;
            case UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
          };
      if (!fits) {
        throw new IllegalArgumentException(value + " is no " + type);
      }
    }
  }

  /** A floating-point number. */
  record Real(MetadataType type, double value) implements MetadataValue {
    /** Checks that {@code type} is FLOAT32, and the value one, or FLOAT64. */
    public Real {
      boolean single = type == MetadataType.FLOAT32 && (Double.isNaN(value) || value == (float) value);
      if (!single && type != MetadataType.FLOAT64) {
        throw new IllegalArgumentException(value + " is no " + type);
      }
    }
  }

  /** True or false. */
  record Flag(boolean value) implements MetadataValue {
    @Override
    public MetadataType type() {
      return MetadataType.BOOL;
    }
  }

  /** Values of one type; they may be arrays themselves. */
  record Array(MetadataType elementType, List<MetadataValue> values) implements MetadataValue {
    /** Checks the types of the values. */
    public Array {
      values = List.copyOf(values);
      for (MetadataValue value : values) {
        if (value.type() != elementType) {
          throw new IllegalArgumentException("an array of " + elementType + " cannot hold a " + value.type());
        }
      }
    }

    @Override
    public MetadataType type() {
      return MetadataType.ARRAY;
    }
  }
}
