package io.garut.train.spark;

import io.garut.train.data.Example;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.TrainingRecord;
import io.garut.train.finetune.ModelHead;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;

/** Makes examples of one partition's rows, in their order, up to the first that is no record. */
record EncodingTask(String model, int maxLength) implements FlatMapFunction<Iterator<Row>, byte[]> {
  private static final int SHOWN = 60;

  @Override
  public Iterator<byte[]> call(Iterator<Row> rows) throws IOException {
    List<Example> examples = new ArrayList<>();
    long records = 0;
    long tooLong = 0;
    String problem = "";
    try {
      RecordEncoder encoder = rows.hasNext() ? ModelHead.open(Path.of(model)).encoder() : null;
      while (problem.isEmpty() && rows.hasNext()) {
        Row row = rows.next();
        records++;
        problem = problem(row);
        if (problem.isEmpty()) {
          Example example = encoder.encode(record(row));
          if (example.length() >= maxLength) {
            tooLong++;
          } else {
            examples.add(example);
          }
        }
      }
    } catch (IOException e) {
      problem = "the tokenizer cannot be read on an executor: " + e.getMessage()
          + "; the model has to lie where all executors see it";
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(records);
      out.writeLong(tooLong);
      out.writeUTF(problem);
      EncodedExamples.write(examples, out);
    }
    return List.of(bytes.toByteArray()).iterator();
  }

  /** What is wrong with a row; empty for nothing. */
  private static String problem(Row row) {
    if (!row.isNullAt(DollyRows.BROKEN)) {
      String text = row.getString(DollyRows.BROKEN);
      return "is no JSON object with these keys: " + text.substring(0, Math.min(SHOWN, text.length()));
    }
    if (text(row, DollyRows.INSTRUCTION).isEmpty()) {
      return "has no instruction";
    }
    return text(row, DollyRows.RESPONSE).isEmpty() ? "has no response" : "";
  }

  private static TrainingRecord record(Row row) {
    return new TrainingRecord.Instruction(
        text(row, DollyRows.INSTRUCTION), text(row, DollyRows.CONTEXT), text(row, DollyRows.RESPONSE));
  }

  private static String text(Row row, int column) {
    return row.isNullAt(column) ? "" : row.getString(column);
  }
}
