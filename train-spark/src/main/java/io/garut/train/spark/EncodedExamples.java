package io.garut.train.spark;

import io.garut.train.data.Example;
import io.garut.train.data.Source;
import io.garut.train.data.TrainingSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Examples as bytes, so that it is of no importance with what Spark serializes. */
final class EncodedExamples {
  private EncodedExamples() {}

  static void write(List<Example> examples, DataOutputStream out) throws IOException {
    out.writeInt(examples.size());
    for (Example example : examples) {
      out.writeInt(example.length());
      for (int i = 0; i < example.length(); i++) {
        out.writeInt(example.ids()[i]);
        out.writeInt(example.labels()[i]);
      }
    }
  }

  static List<Example> read(DataInputStream in) throws IOException {
    int size = in.readInt();
    List<Example> examples = new ArrayList<>(size);
    for (int e = 0; e < size; e++) {
      int[] ids = new int[in.readInt()];
      int[] labels = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = in.readInt();
        labels[i] = in.readInt();
      }
      examples.add(new Example(ids, labels));
    }
    return examples;
  }

  /** All examples of a set. */
  static byte[] toBytes(TrainingSet set) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(set.examples(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    }
    return bytes.toByteArray();
  }

  /** What {@link #toBytes} made bytes of. */
  static TrainingSet toSet(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      return set(read(in), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("examples are not what they were", e);
    }
  }

  /** A set of examples whose sources are their numbers. */
  static TrainingSet set(List<Example> examples, long tooLong) {
    List<Source> sources = new ArrayList<>(examples.size());
    for (int i = 0; i < examples.size(); i++) {
      sources.add(new Source(Path.of("records"), i + 1L));
    }
    return new TrainingSet(examples, sources, tooLong);
  }
}
