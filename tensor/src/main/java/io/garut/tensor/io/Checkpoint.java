package io.garut.tensor.io;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Named tensors in a file or a folder, open for reading. Opening reads headers only; {@link #map} maps one tensor's
 * data.
 *
 * <p>Safe for any number of threads. Closing lets the files go; what is mapped stays until it is closed itself. A
 * thread that is interrupted while it reads or maps closes the file for all.
 */
public interface Checkpoint extends AutoCloseable {
  /**
   * Opens what lies at {@code path}: a safetensors, PyTorch zip or GGUF file, told apart by content; an index of
   * shards; or a folder in Hugging Face's form, in which the first of {@code model.safetensors}, {@code
   * model.safetensors.index.json}, {@code pytorch_model.bin} and {@code pytorch_model.bin.index.json} is taken.
   *
   * @throws CheckpointException if there is nothing of the kind, or it is damaged, incomplete or hostile
   */
  static Checkpoint open(Path path) throws CheckpointException {
    return Files.isDirectory(path) ? HubFolder.open(path) : openFile(path);
  }

  private static Checkpoint openFile(Path path) throws CheckpointException {
    if (path.getFileName() != null && path.getFileName().toString().endsWith(HubFolder.INDEX_SUFFIX)) {
      return HubFolder.openIndex(path);
    }
    FileBytes file = FileBytes.open(path);
    try {
      return Formats.read(file);
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  /** The file, index or folder that was opened. */
  Path source();

  /** The format of its files. */
  Format format();

  /** The names of its tensors, in the file's order. */
  Set<String> names();

  /**
   * What is known about tensor {@code name}.
   *
   * @throws CheckpointException if there is no such tensor
   */
  Entry entry(String name) throws CheckpointException;

  /**
   * The data of tensor {@code name}, mapped from the file. They are copied only where the file's layout cannot be used
   * in place: at an address that is not aligned for the type, or with strides that are not row-major.
   *
   * @throws CheckpointException if there is no such tensor, Garut has no type for it, or the file has been cut since
   */
  Mapped map(String name) throws CheckpointException;

  /**
   * Tensor {@code name}, over its {@linkplain #map mapped} data, which it owns: closing the tensor lets them go. It is
   * constant; copy it to write to it.
   *
   * @throws CheckpointException as {@link #map} has it
   */
  default Tensor tensor(String name) throws CheckpointException {
    Mapped data = map(name);
    Entry entry = entry(name);
    Spec spec = new Spec(entry.dtype().orElseThrow(), entry.shape(), name);
    return Tensor.wrap(spec, HostStorage.of(data.segment(), data::close), 0);
  }

  /** What the checkpoint says about itself; of an index, its {@code metadata} where they are texts. */
  Metadata metadata();

  /** Closes the files. Nothing that is mapped becomes invalid. */
  @Override
  void close();
}
