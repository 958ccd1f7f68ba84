package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tensors in memory and their copies on the disk, bit for bit, one after the other. */
final class TensorFile {
  private static final String REMEDY = "go on with the settings that the run began with, or begin a new one";

  private TensorFile() {}

  /** What {@code tensors} are in a file, by their keys. */
  static List<TensorSpec> specs(Map<String, Tensor> tensors) {
    List<TensorSpec> specs = new ArrayList<>();
    tensors.forEach((name, tensor) -> specs.add(new TensorSpec(name, tensor.dtype(), tensor.shape())));
    return specs;
  }

  /**
   * Writes {@code tensors} as the safetensors file {@code file}.
   *
   * @throws CheckpointException if that fails
   */
  static void write(Path file, Map<String, Tensor> tensors) throws CheckpointException {
    Metadata metadata = Metadata.of(Map.of("format", "pt"));
    try (CheckpointWriter writer = CheckpointWriter.safetensors(file, specs(tensors), metadata)) {
      for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
        writer.write(each.getKey(), each.getValue().segment());
      }
      writer.commit();
    }
  }

  /**
   * Checks that {@code path}, a file or a folder of weights, holds {@code tensors} and nothing else, in their types and
   * shapes.
   *
   * @throws CheckpointException naming one that does not fit
   */
  static void check(Path path, Map<String, Tensor> tensors) throws CheckpointException {
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      for (String name : checkpoint.names()) {
        if (!tensors.containsKey(name)) {
          throw wrong(path, name, "is in the checkpoint, and this run has none");
        }
      }
      for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
        String name = each.getKey();
        Tensor tensor = each.getValue();
        if (!checkpoint.names().contains(name)) {
          throw wrong(path, name, "is not in the checkpoint, and this run has one");
        }
        Entry entry = checkpoint.entry(name);
        if (!entry.type().equals(tensor.dtype().name()) || !entry.shape().equals(tensor.shape())) {
          String there = entry.type() + " " + entry.shape();
          throw wrong(path, name, "is " + there + ", in this run " + tensor.dtype() + " " + tensor.shape());
        }
      }
    }
  }

  /**
   * Overwrites {@code tensors}, which have been {@linkplain #check checked}, with those in {@code path}.
   *
   * @throws CheckpointException if the files cannot be read
   */
  static void read(Path path, Map<String, Tensor> tensors) throws CheckpointException {
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
        try (Mapped stored = checkpoint.map(each.getKey())) {
          each.getValue().segment().copyFrom(stored.segment());
        }
      }
    }
  }

  private static CheckpointException wrong(Path path, String name, String what) {
    return new CheckpointException(path, "tensor " + CheckpointException.quote(name), what, REMEDY);
  }
}
