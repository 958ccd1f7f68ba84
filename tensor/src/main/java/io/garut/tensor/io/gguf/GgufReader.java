package io.garut.tensor.io.gguf;

import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Format;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.MetadataType;
import io.garut.tensor.io.MetadataValue;
import io.garut.tensor.io.file.ByteCursor;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.file.FileCheckpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads GGUF files of versions 2 and 3, little-endian. Each count and length is held against what is left of the file
 * before anything is allocated for it.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class GgufReader {
  static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);
  static final String ALIGNMENT_KEY = "general.alignment";
  static final int DEFAULT_ALIGNMENT = 32;
  static final int MOST_DIMENSIONS = 4;

  /** The format's limit on a key's length. */
  static final int MOST_KEY_BYTES = 65_535;

  private static final int MOST_ALIGNMENT = 1 << 20;

  /** Tensors or keys that a file may have: the largest models have some thousands. A sparse file of zeros claims millions. */
  private static final int MOST_ENTRIES = 1 << 17;

  /** Bytes that the names of all tensors and keys may have together. */
  private static final int MOST_NAME_BYTES = 64 << 20;

  private static final int LEAST_KEY_VALUE_BYTES = 8 + 1 + 4 + 1;
  private static final int LEAST_TENSOR_BYTES = 8 + 4 + 4 + 8;

  private final FileBytes file;
  private final ByteCursor cursor;
  private long nameBytes;

  private GgufReader(FileBytes file) {
    this.file = file;
    this.cursor = new ByteCursor(file);
  }

  /** Whether a file that begins with {@code start} is GGUF. */
  public static boolean recognises(byte[] start) {
    return start.length >= MAGIC.length && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * Reads {@code file}'s metadata and list of tensors.
   *
   * @throws CheckpointException if it breaks a rule of the format, or is of a version that is not supported
   */
  public static FileCheckpoint read(FileBytes file) throws CheckpointException {
    return new GgufReader(file).read();
  }

  private FileCheckpoint read() throws CheckpointException {
    cursor.i32("magic");
    checkVersion(cursor.i32("version"));
    long tensors = count("tensor count", LEAST_TENSOR_BYTES);
    long keys = count("metadata count", LEAST_KEY_VALUE_BYTES);
    Map<String, MetadataValue> values = new LinkedHashMap<>();
    GgufValues reader = new GgufValues(file, cursor);
    for (long i = 0; i < keys; i++) {
      String place = "metadata key " + (i + 1) + " of " + keys;
      String key = name(place, MOST_KEY_BYTES);
      String named = "metadata key " + CheckpointException.quote(key);
      if (values.put(key, reader.value(named)) != null) {
        throw file.damaged(named, "is there twice");
      }
    }
    long alignment = alignment(values);
    List<Info> infos = new ArrayList<>();
    for (long i = 0; i < tensors; i++) {
      infos.add(info("tensor " + (i + 1) + " of " + tensors));
    }
    long dataOffset = Math.ceilDiv(cursor.position(), alignment) * alignment;
    return new FileCheckpoint(
        Format.GGUF, file, entries(infos, dataOffset, alignment), new Metadata(file.path(), values));
  }

  private void checkVersion(int version) throws CheckpointException {
    if ((version & 0xffff) == 0) { // so does GGUF's own reader tell it
      throw file.refused("version", "is of a big-endian file", "convert the model on a little-endian machine");
    }
    if (version < 2 || version > 3) {
      throw file.refused(
          "version", "is " + Integer.toUnsignedString(version) + "; 2 and 3 are supported", "convert the model again");
    }
  }

  private long count(String place, int leastBytes) throws CheckpointException {
    long count = cursor.i64(place);
    if (count < 0 || count > cursor.remaining() / leastBytes) {
      throw file.damaged(
          place, "is " + Long.toUnsignedString(count) + ", more than the file's " + file.size() + " bytes can hold");
    }
    if (count > MOST_ENTRIES) {
      throw file.damaged(place, "is " + count + "; at most " + MOST_ENTRIES + " are read");
    }
    return count;
  }

  private String name(String place, int most) throws CheckpointException {
    long length = cursor.i64(place);
    if (length < 0 || length > most) {
      throw file.damaged(
          place, "has a name of " + Long.toUnsignedString(length) + " bytes; at most " + most + " are allowed");
    }
    nameBytes += length;
    if (nameBytes > MOST_NAME_BYTES) {
      throw file.damaged(place, "makes the names longer than " + MOST_NAME_BYTES + " bytes together");
    }
    return cursor.text(place, length);
  }

  private long alignment(Map<String, MetadataValue> values) throws CheckpointException {
    MetadataValue value = values.get(ALIGNMENT_KEY);
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (!(value instanceof MetadataValue.Whole whole)
        || whole.type() != MetadataType.UINT32
        || Long.bitCount(whole.value()) != 1
        || whole.value() > MOST_ALIGNMENT) {
      throw file.damaged(
          "metadata key '" + ALIGNMENT_KEY + "'", "is no power of two up to " + MOST_ALIGNMENT + " in 32 bits");
    }
    return whole.value();
  }

  /** What the file says about one tensor; the offset is from the beginning of the data. */
  private record Info(String name, GgmlType type, Shape shape, long offset, long bytes) {}

  private Info info(String number) throws CheckpointException {
    String name = name(number, MOST_KEY_BYTES);
    String place = "tensor " + CheckpointException.quote(name);
    int rank = cursor.i32(place);
    if (rank < 0 || rank > MOST_DIMENSIONS) {
      throw file.damaged(
          place, "has " + Integer.toUnsignedString(rank) + " dimensions; at most " + MOST_DIMENSIONS + " are allowed");
    }
    long[] dims = new long[rank];
    for (int i = rank - 1; i >= 0; i--) { // the innermost comes first
      dims[i] = cursor.i64(place);
    }
    int id = cursor.i32(place);
    GgmlType type =
        GgmlType.of(id)
            .orElseThrow(
                () ->
                    file.refused(
                        place,
                        "is of ggml type " + Integer.toUnsignedString(id) + ", which Garut does not know",
                        "convert the model to a type it does, such as Q8_0"));
    long offset = cursor.i64(place);
    try {
      Shape shape = Shape.of(dims);
      if (shape.last() % type.blockSize() != 0) {
        throw file.damaged(
            place, "has rows of " + shape.last() + " elements; " + type + " holds blocks of " + type.blockSize());
      }
      long bytes = Math.multiplyExact(shape.elements() / type.blockSize(), (long) type.blockBytes());
      return new Info(name, type, shape, offset, bytes);
    } catch (ShapeException | ArithmeticException e) {
      throw file.damaged(place, "has an impossible shape (" + e.getMessage() + ")");
    }
  }

  private Map<String, Entry> entries(List<Info> infos, long dataOffset, long alignment) throws CheckpointException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    long room = file.size() - dataOffset;
    for (Info info : infos) {
      String place = "tensor " + CheckpointException.quote(info.name());
      if (info.offset() < 0 || info.offset() % alignment != 0) {
        throw file.damaged(
            place,
            "begins at byte " + Long.toUnsignedString(info.offset()) + " of the data, no multiple of " + alignment);
      }
      if (info.bytes() > 0 && (info.offset() > room || info.bytes() > room - info.offset())) {
        throw file.damaged(
            place,
            "takes " + info.bytes() + " bytes at " + info.offset() + " of the data, which have " + Math.max(0, room)
                + " (truncated?)");
      }
      Entry entry =
          new Entry(
              info.name(), info.type().name(), info.shape(), file.path(), dataOffset + info.offset(), info.bytes());
      if (entries.put(info.name(), entry) != null) {
        throw file.damaged(place, "is there twice");
      }
    }
    checkOverlap(entries);
    return entries;
  }

  private void checkOverlap(Map<String, Entry> entries) throws CheckpointException {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.removeIf(entry -> entry.byteLength() == 0);
    ordered.sort(Comparator.comparingLong(Entry::offset));
    for (int i = 1; i < ordered.size(); i++) {
      Entry before = ordered.get(i - 1);
      if (ordered.get(i).offset() < before.offset() + before.byteLength()) {
        throw file.damaged(
            "tensor " + CheckpointException.quote(ordered.get(i).name()),
            "overlaps tensor " + CheckpointException.quote(before.name()));
      }
    }
  }
}
