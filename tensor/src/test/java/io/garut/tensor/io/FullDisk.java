package io.garut.tensor.io;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** A program that writes 4 MiB to the file it is given, and prints how that failed; started under a limit of less. */
final class FullDisk {
  private FullDisk() {}

  public static void main(String[] arguments) {
    List<TensorSpec> specs = List.of(new TensorSpec("w", DType.F32, Shape.of(1 << 20)));
    try (CheckpointWriter writer = CheckpointWriter.safetensors(Path.of(arguments[0]), specs, Metadata.empty())) {
      writer.write("w", MemorySegment.ofArray(new byte[4 << 20]));
      writer.commit();
      System.out.println("written");
    } catch (CheckpointException e) {
      System.out.println(e.getMessage());
    }
  }
}
