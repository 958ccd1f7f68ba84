package io.garut.tensor.io.torch;

import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Format;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.file.FileCheckpoint;
import io.garut.tensor.io.torch.Pickled.Dict;
import io.garut.tensor.io.torch.Pickled.Storage;
import io.garut.tensor.io.torch.Pickled.Tensor;
import io.garut.tensor.io.torch.ZipDirectory.Member;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the zip files of {@code torch.save} that hold a dictionary of tensors. */
public final class TorchReader {
  private static final byte[] ZIP = {'P', 'K', 3, 4};

  /** The start of the earlier form: a pickle of PyTorch's magic number. */
  private static final byte[] LEGACY = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46};

  private static final String PICKLE = "data.pkl";

  /** As for a safetensors header; the largest model takes less than 1 MB. */
  private static final int MOST_PICKLE_BYTES = 64 << 20;

  private final FileBytes file;
  private final ZipDirectory zip;
  private final String prefix;
  private final Map<Storage, Long> storageOffsets = new HashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Strided> strided = new HashMap<>();

  private TorchReader(FileBytes file, ZipDirectory zip, String prefix) {
    this.file = file;
    this.zip = zip;
    this.prefix = prefix;
  }

  /** Whether a file that begins with {@code start} is a zip archive. */
  public static boolean recognises(byte[] start) {
    return startsWith(start, ZIP);
  }

  /** Whether a file that begins with {@code start} is of the form that PyTorch wrote before 1.6. */
  public static boolean isLegacy(byte[] start) {
    return startsWith(start, LEGACY);
  }

  private static boolean startsWith(byte[] start, byte[] magic) {
    return start.length >= magic.length && Arrays.equals(start, 0, magic.length, magic, 0, magic.length);
  }

  /**
   * Reads {@code file}'s directory and pickle.
   *
   * @throws CheckpointException if it is damaged, or holds more than tensors
   */
  public static FileCheckpoint read(FileBytes file) throws CheckpointException {
    ZipDirectory zip = ZipDirectory.read(file);
    TorchReader reader = new TorchReader(file, zip, prefix(file, zip));
    reader.checkByteOrder();
    if (!(reader.unpickle() instanceof Dict tensors)) {
      throw file.refused(
          PICKLE,
          "does not hold a dictionary of tensors",
          "save the tensors alone: torch.save(model.state_dict(), file)");
    }
    for (Map.Entry<String, Pickled> named : tensors.items().entrySet()) {
      reader.add(named.getKey(), named.getValue());
    }
    return new FileCheckpoint(Format.PYTORCH, file, reader.entries, Metadata.empty(), reader::map);
  }

  /** The folder in which all members lie: the file's name when it was saved. */
  private static String prefix(FileBytes file, ZipDirectory zip) throws CheckpointException {
    String prefix = null;
    for (String name : zip.members().keySet()) {
      if (name.endsWith("/" + PICKLE) && name.indexOf('/') == name.length() - PICKLE.length() - 1) {
        if (prefix != null) {
          throw file.damaged(PICKLE, "is there twice");
        }
        prefix = name.substring(0, name.length() - PICKLE.length());
      }
    }
    if (prefix == null) {
      throw file.refused(PICKLE, "is not in the archive", "use a file that torch.save has written");
    }
    return prefix;
  }

  private void checkByteOrder() throws CheckpointException {
    Member member = zip.members().get(prefix + "byteorder");
    if (member != null) {
      byte[] order = file.read("byteorder", zip.dataOffset(member), (int) Math.min(member.size(), 16));
      if (!new String(order, StandardCharsets.ISO_8859_1).equals("little")) {
        throw file.refused("byteorder", "is not little-endian", "save the model on a little-endian machine");
      }
    }
  }

  private Pickled unpickle() throws CheckpointException {
    Member member = zip.members().get(prefix + PICKLE);
    if (member.size() > MOST_PICKLE_BYTES) {
      throw file.damaged(PICKLE, "has " + member.size() + " bytes; at most " + MOST_PICKLE_BYTES + " are allowed");
    }
    return Unpickler.read(file, PICKLE, file.read(PICKLE, zip.dataOffset(member), (int) member.size()));
  }

  private void add(String name, Pickled value) throws CheckpointException {
    String place = "tensor " + CheckpointException.quote(name);
    if (!(value instanceof Tensor tensor)) {
      throw file.refused(
          PICKLE + ", key " + CheckpointException.quote(name),
          "holds " + value.kind() + ", not a tensor",
          "save the tensors alone: torch.save(model.state_dict(), file)");
    }
    StorageType type = tensor.storage().type();
    try {
      Shape shape = Shape.of(tensor.size());
      checkInside(place, tensor, shape);
      long start = storageOffset(place, tensor.storage()) + tensor.offset() * type.bytes();
      long bytes = Math.multiplyExact(shape.elements(), (long) type.bytes());
      entries.put(name, new Entry(name, type.type(), shape, file.path(), start, bytes));
      if (!Strided.isContiguous(shape, tensor.stride())) {
        strided.put(name, new Strided(shape, tensor.stride(), type.bytes()));
      }
    } catch (ShapeException | ArithmeticException e) {
      throw file.damaged(place, "has an impossible shape (" + e.getMessage() + ")");
    }
  }

  /** Checks that the last element lies in the storage, and that a copy would not be larger than the storage. */
  private void checkInside(String place, Tensor tensor, Shape shape) throws CheckpointException {
    if (tensor.stride().length != shape.rank() || tensor.offset() < 0) {
      throw file.damaged(place, "has strides or an offset that do not fit its shape " + shape);
    }
    long last = tensor.offset();
    for (int i = 0; i < shape.rank(); i++) {
      long stride = tensor.stride()[i];
      if (stride < 0) {
        throw file.damaged(place, "has a negative stride");
      }
      if (shape.elements() > 0) {
        last = Math.addExact(last, Math.multiplyExact(shape.dim(i) - 1, stride));
      }
    }
    long elements = tensor.storage().elements();
    if (shape.elements() > 0 ? last >= elements : last > elements) {
      throw file.damaged(place, "reaches element " + last + " of a storage of " + elements);
    }
    if (shape.elements() > elements) {
      throw file.refused(place, "repeats elements of its storage (an expanded view)", "save tensor.contiguous()");
    }
  }

  private long storageOffset(String place, Storage storage) throws CheckpointException {
    Long known = storageOffsets.get(storage);
    if (known != null) {
      return known;
    }
    Member member = zip.members().get(prefix + "data/" + storage.key());
    if (member == null) {
      throw file.damaged(place, "lies in storage " + CheckpointException.quote(storage.key()) + ", which is missing");
    }
    if (storage.elements() < 0
        || storage.elements() > Long.MAX_VALUE / 8
        || member.size() != storage.elements() * storage.type().bytes()) {
      throw file.damaged(
          place,
          "lies in storage " + CheckpointException.quote(storage.key()) + " of " + storage.elements() + " "
              + storage.type().type() + ", which has " + member.size() + " bytes");
    }
    long offset = zip.dataOffset(member);
    storageOffsets.put(storage, offset);
    return offset;
  }

  private Mapped map(Entry entry, String place, int alignment) throws CheckpointException {
    Strided layout = strided.get(entry.name());
    return layout == null
        ? file.map(place, entry.offset(), entry.byteLength(), alignment)
        : layout.gather(file, place, entry.offset());
  }
}
