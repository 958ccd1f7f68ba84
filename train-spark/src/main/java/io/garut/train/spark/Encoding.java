package io.garut.train.spark;

import io.garut.train.data.Example;
import io.garut.train.data.TrainingSet;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Has the executors make examples of records, each of its partitions. */
final class Encoding {
  private Encoding() {}

  /**
   * The examples of {@code records}, in their order.
   *
   * @throws IllegalArgumentException if a column is missing or a record is none, naming it
   */
  static TrainingSet examples(Dataset<Row> records, String model, int maxLength) {
    List<byte[]> partitions = DollyRows.of(records).toJavaRDD().mapPartitions(new EncodingTask(model, maxLength)).collect();
    List<Example> examples = new ArrayList<>();
    long before = 0;
    long tooLong = 0;
    for (byte[] partition : partitions) { // they are collected in order
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(partition))) {
        long count = in.readLong();
        tooLong += in.readLong();
        String problem = in.readUTF();
        if (!problem.isEmpty()) {
          throw new IllegalArgumentException(
              count == 0 ? problem : "record " + (before + count) + " " + problem + "; mend it, or filter such records out");
        }
        before += count;
        examples.addAll(EncodedExamples.read(in));
      } catch (IOException e) {
        throw new UncheckedIOException("examples are not what an executor made", e);
      }
    }
    if (before == 0) {
      throw new IllegalArgumentException("there is no record; nothing can be learnt");
    }
    return EncodedExamples.set(examples, tooLong);
  }
}
