package io.garut.tensor.io;

import io.garut.tensor.io.file.PlannedFile;
import io.garut.tensor.io.gguf.GgufLayout;
import io.garut.tensor.io.safetensors.SafetensorsLayout;
import io.garut.tensor.io.safetensors.SafetensorsShards;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a checkpoint as a stream: what tensors there will be is said at the beginning, their data come one by one, in
 * any order, so that only one need be in memory. The file appears when {@link #commit} succeeds; before, and after any
 * failure, there is nothing but what was there already. For one thread at a time.
 *
 * <pre>{@code
 * try (var writer = CheckpointWriter.safetensors(path, specs, metadata)) {
 *   for (TensorSpec spec : specs) {
 *     try (Mapped data = checkpoint.map(spec.name())) {
 *       writer.write(spec.name(), data.segment());
 *     }
 *   }
 *   writer.commit();
 * }
 * }</pre>
 */
public interface CheckpointWriter extends AutoCloseable {
  /**
   * A safetensors file. Data are laid out by size of element, widest first, so that each tensor is aligned.
   *
   * @param metadata texts only; Transformers insists on {@code format} being {@code pt}
   * @throws IllegalArgumentException if a name comes twice, a dtype is a block format, or a metadata value is not a
   *     text
   * @throws CheckpointException if the file cannot be created
   */
  static CheckpointWriter safetensors(Path file, List<TensorSpec> tensors, Metadata metadata)
      throws CheckpointException {
    return PlannedFile.create(file, SafetensorsLayout.of(tensors, metadata));
  }

  /**
   * Safetensors files of at most {@code mostBytes} bytes of data (more where one tensor alone is larger) with their
   * index, named as Hugging Face names them: {@code model.safetensors} if one is enough, else {@code
   * model-00001-of-00002.safetensors} and so on. The index appears last.
   *
   * @throws IllegalArgumentException as {@link #safetensors} has it
   * @throws CheckpointException if a file cannot be created, or one of these names is taken already
   */
  static CheckpointWriter shardedSafetensors(
      Path folder, List<TensorSpec> tensors, Metadata metadata, long mostBytes) throws CheckpointException {
    return SafetensorsShards.create(folder, tensors, metadata, mostBytes);
  }

  /**
   * A GGUF file of version 3. {@code general.alignment} is obeyed where {@code metadata} set it.
   *
   * @throws IllegalArgumentException if a name comes twice or is longer than ggml's 63 bytes, a tensor has more than 4
   *     dimensions, or a dtype is BOOL
   * @throws CheckpointException if the file cannot be created
   */
  static CheckpointWriter gguf(Path file, List<TensorSpec> tensors, Metadata metadata) throws CheckpointException {
    return PlannedFile.create(file, GgufLayout.of(tensors, metadata));
  }

  /**
   * Writes all data of tensor {@code name}: little-endian, row-major, off the heap or in a {@code byte[]}.
   *
   * @throws IllegalArgumentException if the tensor was not announced, has been written, or {@code data} are not as long
   *     as it
   * @throws CheckpointException if the disk is full or fails; nothing is left then
   */
  void write(String name, MemorySegment data) throws CheckpointException;

  /**
   * Makes the checkpoint appear.
   *
   * @throws IllegalStateException if a tensor has not been written
   * @throws CheckpointException if the disk fails; nothing is left then, unless the message says that the file is whole
   */
  void commit() throws CheckpointException;

  /** Removes what was written, unless it was committed. */
  @Override
  void close();
}
