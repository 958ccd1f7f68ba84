package io.garut.tensor.io.file;

import io.garut.tensor.DType;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Format;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.Metadata;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A checkpoint of one file. The formats' readers fill it in. */
public final class FileCheckpoint implements Checkpoint {
  private final Format format;
  private final FileBytes file;
  private final Map<String, Entry> entries;
  private final Metadata metadata;
  private final Mapper mapper;

  /** How an entry's bytes come to memory. */
  @FunctionalInterface
  public interface Mapper {
    /** The row-major elements of {@code entry}, aligned to {@code alignment} bytes. */
    Mapped map(Entry entry, String place, int alignment) throws CheckpointException;
  }

  /** Over {@code file}, whose data lie in place. */
  public FileCheckpoint(Format format, FileBytes file, Map<String, Entry> entries, Metadata metadata) {
    this(
        format,
        file,
        entries,
        metadata,
        (entry, place, alignment) -> file.map(place, entry.offset(), entry.byteLength(), alignment));
  }

  /** Over {@code file}, whose data come through {@code mapper}. */
  public FileCheckpoint(
      Format format, FileBytes file, Map<String, Entry> entries, Metadata metadata, Mapper mapper) {
    this.format = format;
    this.file = file;
    this.entries = Collections.unmodifiableMap(entries);
    this.metadata = metadata;
    this.mapper = mapper;
  }

  @Override
  public Path source() {
    return file.path();
  }

  @Override
  public Format format() {
    return format;
  }

  @Override
  public Set<String> names() {
    return entries.keySet();
  }

  @Override
  public Entry entry(String name) throws CheckpointException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw missing(source(), name, names());
    }
    return entry;
  }

  @Override
  public Mapped map(String name) throws CheckpointException {
    Entry entry = entry(name);
    String place = "tensor " + CheckpointException.quote(name);
    DType dtype =
        entry
            .dtype()
            .orElseThrow(
                () ->
                    file.refused(
                        place,
                        "holds elements of type " + entry.type() + ", which Garut cannot compute with",
                        "convert the tensor to F32, F16, BF16, I32, I64 or BOOL"));
    Mapped data = mapper.map(entry, place, dtype.isBlock() ? 2 : dtype.blockBytes());
    if (dtype == DType.BOOL) {
      checkFlags(place, data);
    }
    return data;
  }

  /** Kernels take a flag to be 0 or 1. Masks are small: reading them here costs little. */
  private void checkFlags(String place, Mapped data) throws CheckpointException {
    MemorySegment flags = data.segment();
    try {
      for (long i = 0; i < flags.byteSize(); i++) {
        if ((flags.get(ValueLayout.JAVA_BYTE, i) & ~1) != 0) {
          throw file.damaged(place, "holds a flag that is neither 0 nor 1, at element " + i);
        }
      }
    } catch (InternalError e) { // a page that is gone
      data.close();
      throw (CheckpointException) file.changed(place).initCause(e);
    } catch (CheckpointException e) {
      data.close();
      throw e;
    }
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public void close() {
    file.close();
  }

  /** The exception for a tensor that is not there, with some that are. */
  public static CheckpointException missing(Path source, String name, Set<String> names) {
    String some = names.stream().limit(4).map(CheckpointException::quote).collect(Collectors.joining(", "));
    return new CheckpointException(
        source,
        "tensor " + CheckpointException.quote(name),
        "is not among the " + names.size() + " tensors (" + some + (names.size() > 4 ? ", …" : "") + ")",
        "check the name and the kind of model");
  }
}
