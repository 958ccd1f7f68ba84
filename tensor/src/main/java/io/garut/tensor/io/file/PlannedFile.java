package io.garut.tensor.io.file;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** A file whose layout is known and whose tensors come one by one. */
public final class PlannedFile implements CheckpointWriter {
  private final AtomicFile file;
  private final Layout layout;
  private final Set<String> missing;

  private PlannedFile(AtomicFile file, Layout layout) {
    this.file = file;
    this.layout = layout;
    this.missing = new LinkedHashSet<>(layout.slots().keySet());
  }

  /**
   * Begins {@code target} with its header.
   *
   * @throws CheckpointException if the file cannot be created
   */
  public static PlannedFile create(Path target, Layout layout) throws CheckpointException {
    AtomicFile file = AtomicFile.create(target);
    file.write(0, layout.header());
    long last = layout.size() - 1;
    if (last >= layout.header().length) {
      file.write(last, new byte[1]); // the end may be padding that no tensor writes
    }
    return new PlannedFile(file, layout);
  }

  @Override
  public void write(String name, MemorySegment data) throws CheckpointException {
    Layout.Slot slot = layout.slots().get(name);
    if (slot == null) {
      throw new IllegalArgumentException("tensor '" + name + "' was not announced to " + file.target());
    }
    if (slot.byteLength() != data.byteSize()) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' takes " + slot.byteLength() + " bytes, not " + data.byteSize());
    }
    if (!missing.remove(name)) {
      throw new IllegalArgumentException("tensor '" + name + "' has been written already");
    }
    file.write(slot.offset(), data);
  }

  /**
   * Checks that all is there.
   *
   * @throws IllegalStateException naming a tensor that is not
   */
  public void checkComplete() {
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          missing.size() + " tensors have not been written to " + file.target() + ", among them '"
              + missing.iterator().next() + "'");
    }
  }

  @Override
  public void commit() throws CheckpointException {
    checkComplete();
    file.commit();
  }

  /** Brings the data to the disk. See {@link AtomicFile#settle}. */
  public void settle() throws CheckpointException {
    file.settle();
  }

  /** Removes the file, whether it has appeared or not. */
  public void withdraw() {
    file.withdraw();
  }

  @Override
  public void close() {
    file.close();
  }
}
