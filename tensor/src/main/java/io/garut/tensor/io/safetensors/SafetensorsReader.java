package io.garut.tensor.io.safetensors;

import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Format;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.MetadataValue;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.file.FileCheckpoint;
import io.garut.tensor.io.file.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a safetensors header and holds it to the format's rules: at most 100 MB, an object, no key twice; each tensor
 * as long as its shape and type say; the data without overlap, without hole, and to the file's last byte.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsReader {
  /** The format's own limit on the header's length. */
  static final int MOST_HEADER_BYTES = 100_000_000;

  /** Tensors or texts that a file may have: the largest models have some thousands, a hostile header millions. */
  private static final int MOST_ENTRIES = 1 << 17;

  /** PyTorch's limit on the number of dimensions. */
  private static final int MOST_DIMENSIONS = 64;

  private final FileBytes file;
  private final long dataOffset;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();

  private SafetensorsReader(FileBytes file, long dataOffset) {
    this.file = file;
    this.dataOffset = dataOffset;
  }

  /** Whether a file that begins with {@code start} can be one: a ninth byte that opens the header's object. */
  public static boolean recognises(byte[] start) {
    return start.length > 8 && start[8] == '{';
  }

  /**
   * Reads {@code file}'s header.
   *
   * @throws CheckpointException if it breaks a rule of the format
   */
  public static FileCheckpoint read(FileBytes file) throws CheckpointException {
    long length = ByteBuffer.wrap(file.read("header length", 0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > MOST_HEADER_BYTES) {
      throw file.damaged(
          "header length", "is " + Long.toUnsignedString(length) + " bytes; the format allows " + MOST_HEADER_BYTES);
    }
    byte[] header = file.read("header", 8, (int) length);
    if (header.length == 0 || header[0] != '{') {
      throw file.damaged("header", "does not start with '{'");
    }
    SafetensorsReader reader = new SafetensorsReader(file, 8 + length);
    try (Json json = Json.of(file.path(), "header", header)) {
      json.object("the header", key -> reader.field(json, key));
      json.end();
    }
    reader.checkCoverage();
    return new FileCheckpoint(
        Format.SAFETENSORS, file, reader.entries, new Metadata(file.path(), reader.metadata));
  }

  private void field(Json json, String key) throws CheckpointException {
    if (key.equals("__metadata__")) {
      json.object("__metadata__", name -> text(name, json.string("a value of __metadata__")));
    } else {
      entries.put(key, new Description().read(json, key));
      checkCount("header", entries.size());
    }
  }

  private void text(String name, String value) throws CheckpointException {
    metadata.put(name, new MetadataValue.Text(value));
    checkCount("__metadata__", metadata.size());
  }

  private void checkCount(String place, int count) throws CheckpointException {
    if (count > MOST_ENTRIES) {
      throw file.damaged(place, "has more than " + MOST_ENTRIES + " entries; no more are read");
    }
  }

  /** What the header says about one tensor. */
  private final class Description {
    private String type;
    private long[] shape;
    private long[] range;

    Entry read(Json json, String name) throws CheckpointException {
      String place = "tensor " + CheckpointException.quote(name);
      json.object(
          place,
          key -> {
            switch (key) {
              case "dtype" -> type = json.string(place + " dtype");
              case "shape" -> shape = json.sizes(place + " shape", MOST_DIMENSIONS);
              case "data_offsets" -> range = json.sizes(place + " data_offsets", 2);
              default -> json.skip(); // as the reference reader does
            }
          });
      if (type == null || shape == null || range == null || range.length != 2) {
        throw json.bad(place + " needs dtype, shape and data_offsets [begin, end]");
      }
      return entry(name, place);
    }

    private Entry entry(String name, String place) throws CheckpointException {
      SafetensorsType known =
          SafetensorsType.named(type)
              .orElseThrow(() -> file.damaged(place, "has the unknown dtype " + CheckpointException.quote(type)));
      Path path = file.path();
      try {
        Shape dims = Shape.of(shape);
        long bits = Math.multiplyExact(dims.elements(), (long) known.bits());
        if (bits % 8 != 0 || range[1] - range[0] != bits / 8) {
          throw file.damaged(
              place,
              "has data_offsets " + range[0] + " to " + range[1] + ", but " + type + dims + " takes " + bits / 8);
        }
        if (range[1] > file.size() - dataOffset) {
          throw file.damaged(
              place,
              "ends at byte " + range[1] + " of the data, which have " + (file.size() - dataOffset)
                  + " (truncated?)");
        }
        return new Entry(name, type, dims, path, dataOffset + range[0], range[1] - range[0]);
      } catch (ShapeException | ArithmeticException e) {
        throw file.damaged(place, "has an impossible shape (" + e.getMessage() + ")");
      }
    }
  }

  private void checkCoverage() throws CheckpointException {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::byteLength));
    long end = dataOffset;
    for (Entry entry : ordered) {
      if (entry.offset() != end) {
        String what = entry.offset() < end ? "overlaps the tensor before it" : "leaves a hole before it";
        throw file.damaged("tensor " + CheckpointException.quote(entry.name()), what);
      }
      end += entry.byteLength();
    }
    if (end != file.size()) {
      throw file.damaged("data", "end at byte " + end + ", but the file has " + file.size() + " bytes");
    }
  }
}
