package io.garut.tensor.io.gguf;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.MetadataType;
import io.garut.tensor.io.MetadataValue;
import io.garut.tensor.io.MetadataValue.Array;
import io.garut.tensor.io.MetadataValue.Flag;
import io.garut.tensor.io.MetadataValue.Real;
import io.garut.tensor.io.MetadataValue.Text;
import io.garut.tensor.io.MetadataValue.Whole;
import io.garut.tensor.io.file.ByteCursor;
import io.garut.tensor.io.file.FileBytes;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads metadata values, within limits that the largest vocabularies (a million entries in four arrays) do not touch.
 */
final class GgufValues {
  /** Values in all arrays together; one takes some 40 bytes of heap. */
  private static final int MOST_VALUES = 4_000_000;

  /** Bytes of all strings together. */
  private static final long MOST_TEXT_BYTES = 256L << 20;

  private static final int MOST_DEPTH = 8;

  private final FileBytes file;
  private final ByteCursor cursor;
  private long values;
  private long textBytes;

  GgufValues(FileBytes file, ByteCursor cursor) {
    this.file = file;
    this.cursor = cursor;
  }

  /**
   * The type and the value that come next; {@code place} is for messages.
   *
   * @throws CheckpointException if there is no such type, or the value does not fit into the file or the limits
   */
  MetadataValue value(String place) throws CheckpointException {
    return value(place, type(place), 0);
  }

  private MetadataType type(String place) throws CheckpointException {
    int id = cursor.i32(place);
    for (MetadataType type : MetadataType.values()) {
      if (type.id() == id) {
        return type;
      }
    }
    throw file.damaged(place, "has a value of unknown type " + Integer.toUnsignedString(id));
  }

  private MetadataValue value(String place, MetadataType type, int depth) throws CheckpointException {
    if (++values > MOST_VALUES) {
      throw file.damaged(place, "the metadata hold more than " + MOST_VALUES + " values");
    }
    return switch (type) {
      case UINT8 -> new Whole(type, cursor.u8(place));
      case INT8 -> new Whole(type, (byte) cursor.u8(place));
      case UINT16 -> new Whole(type, cursor.u16(place));
      case INT16 -> new Whole(type, (short) cursor.u16(place));
      case UINT32 -> new Whole(type, Integer.toUnsignedLong(cursor.i32(place)));
      case INT32 -> new Whole(type, cursor.i32(place));
      case UINT64, INT64 -> new Whole(type, cursor.i64(place));
      case FLOAT32 -> new Real(type, Float.intBitsToFloat(cursor.i32(place)));
      case FLOAT64 -> new Real(type, Double.longBitsToDouble(cursor.i64(place)));
      case BOOL -> flag(place);
      case STRING -> text(place);
      case ARRAY -> array(place, depth + 1);
    };
  }

  private MetadataValue flag(String place) throws CheckpointException {
    int value = cursor.u8(place);
    if (value > 1) {
      throw file.damaged(place, "holds " + value + " where 0 (false) or 1 (true) should be");
    }
    return new Flag(value == 1);
  }

  private MetadataValue text(String place) throws CheckpointException {
    long length = cursor.i64(place);
    if (length > 0 && length <= cursor.remaining()) {
      textBytes += length;
      if (textBytes > MOST_TEXT_BYTES) {
        throw file.damaged(place, "the metadata hold more than " + MOST_TEXT_BYTES + " bytes of text");
      }
    }
    return new Text(cursor.text(place, length));
  }

  private MetadataValue array(String place, int depth) throws CheckpointException {
    MetadataType type = type(place);
    long count = cursor.i64(place);
    if (depth > MOST_DEPTH) {
      throw file.damaged(place, "nests arrays more than " + MOST_DEPTH + " deep");
    }
    if (count < 0 || count > cursor.remaining() / type.leastBytes() || count > MOST_VALUES) {
      throw file.damaged(
          place,
          "claims an array of " + Long.toUnsignedString(count) + " values of type " + type + ", where "
              + cursor.remaining() + " bytes are left");
    }
    List<MetadataValue> elements = new ArrayList<>((int) Math.min(count, 1 << 16)); // nested arrays may each claim many
    for (long i = 0; i < count; i++) {
      elements.add(value(place, type, depth));
    }
    return new Array(type, elements);
  }
}
