package io.garut.train.run;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Mapped;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tensors of a checkpoint that ranks have written, each its parts: entries are named {@code name[from:to]}, by the elements
 * that they hold in row-major order, or {@code name} where they hold all. However they are cut, any range of them is found.
 */
final class PartIndex implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("(.+)\\[(\\d{1,18}):(\\d{1,18})\\]");
  private static final String REMEDY = "go back to an earlier checkpoint";

  private final Path folder;
  private final List<Checkpoint> files = new ArrayList<>();
  private final Map<String, List<Extent>> extents = new HashMap<>();

  /** What an entry holds; {@code to} is −1 for all. */
  private record Extent(Checkpoint file, Entry entry, long from, long to) {
    long end() {
      return to < 0 ? entry.shape().elements() : to;
    }
  }

  private PartIndex(Path folder) {
    this.folder = folder;
  }

  /** Opens the files of the optimizer in {@code folder}. */
  static PartIndex open(Path folder) throws CheckpointException {
    PartIndex index = new PartIndex(folder);
    try {
      for (Path file : StoredCheckpoint.optimizerFiles(folder)) {
        index.add(Checkpoint.open(file));
      }
      index.extents.values().forEach(some -> some.sort(Comparator.comparingLong(Extent::from)));
      return index;
    } catch (CheckpointException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  private void add(Checkpoint file) throws CheckpointException {
    files.add(file);
    for (String name : file.names()) {
      Entry entry = file.entry(name);
      Matcher range = RANGE.matcher(name);
      boolean part = range.matches();
      Extent extent = part
          ? new Extent(file, entry, Long.parseLong(range.group(2)), Long.parseLong(range.group(3)))
          : new Extent(file, entry, 0, -1);
      if (part && entry.shape().elements() != extent.to - extent.from) {
        throw wrong(name, "holds " + entry.shape().elements() + " elements");
      }
      extents.computeIfAbsent(part ? range.group(1) : name, n -> new ArrayList<>()).add(extent);
    }
  }

  /** The names of whole tensors. */
  Set<String> names() {
    return extents.keySet();
  }

  /**
   * The type of {@code name}.
   *
   * @throws CheckpointException if it is not there
   */
  DType type(String name) throws CheckpointException {
    List<Extent> some = extents.getOrDefault(name, List.of());
    if (some.isEmpty()) {
      throw wrong(name, "is not in the checkpoint; of an adapter there is nothing to consolidate");
    }
    return some.getFirst().entry.dtype().orElseThrow(() -> wrong(name, "is " + some.getFirst().entry.type()));
  }

  /**
   * Checks that all {@code elements} of {@code name} are there, of type {@code dtype}.
   *
   * @throws CheckpointException if not
   */
  void check(String name, DType dtype, long elements) throws CheckpointException {
    long at = 0;
    for (Extent extent : extents.getOrDefault(name, List.of())) {
      if (!extent.entry.type().equals(dtype.name())) {
        throw wrong(name, "is " + extent.entry.type() + ", in this run " + dtype);
      }
      if (extent.from != at) {
        throw wrong(name, "lacks the elements from " + at + " on");
      }
      at = extent.end();
    }
    if (at != elements) {
      throw wrong(name, at == 0 ? "is not in the checkpoint, and this run has one"
          : "has " + at + " elements in the checkpoint, " + elements + " in this run");
    }
  }

  /** Overwrites {@code part} with the elements of {@code name} from {@code from} on, which have been {@link #check checked}. */
  void read(String name, long from, Tensor part) throws CheckpointException {
    read(name, part.dtype(), from, part.segment());
  }

  /** The same for plain memory. */
  void read(String name, DType dtype, long from, MemorySegment part) throws CheckpointException {
    long to = from + part.byteSize() / dtype.bytes(1);
    for (Extent extent : extents.get(name)) {
      long first = Math.max(from, extent.from);
      long last = Math.min(to, extent.end());
      if (first < last) {
        try (Mapped stored = extent.file.map(extent.entry.name())) {
          MemorySegment source = stored.segment().asSlice(dtype.bytes(first - extent.from), dtype.bytes(last - first));
          part.asSlice(dtype.bytes(first - from), source.byteSize()).copyFrom(source);
        }
      }
    }
  }

  private CheckpointException wrong(String name, String what) {
    return new CheckpointException(folder, "tensor " + CheckpointException.quote(name), what, REMEDY);
  }

  @Override
  public void close() {
    files.forEach(Checkpoint::close);
  }
}
