package io.garut.train.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Rows with Dolly's columns, in this order: instruction, context, response, and the text of what is no record. */
final class DollyRows {
  static final int INSTRUCTION = 0;
  static final int CONTEXT = 1;
  static final int RESPONSE = 2;
  static final int BROKEN = 3;

  private static final List<String> NAMES = List.of("instruction", "context", "response");
  private static final String BROKEN_NAME = "_corrupt_record"; // Spark's own name for it
  private static final List<String> NEEDED = List.of("instruction", "response");

  private DollyRows() {}

  /** The lines of JSON files, one file after another. */
  static Dataset<Row> json(SparkSession spark, List<String> paths) {
    StructType schema = new StructType();
    for (String name : NAMES) {
      schema = schema.add(name, DataTypes.StringType);
    }
    StructType all = schema.add(BROKEN_NAME, DataTypes.StringType);
    return paths.stream()
        .map(path -> spark.read().schema(all).option("columnNameOfCorruptRecord", BROKEN_NAME).json(path))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  static Dataset<Row> parquet(SparkSession spark, List<String> paths) {
    return paths.stream().map(path -> spark.read().parquet(path)).reduce(Dataset::union).orElseThrow();
  }

  /**
   * The columns that are needed of {@code records}.
   *
   * @throws IllegalArgumentException naming all that is wrong with the columns
   */
  static Dataset<Row> of(Dataset<Row> records) {
    StructType schema = records.schema();
    List<String> there = Arrays.asList(schema.fieldNames());
    for (String name : NEEDED) {
      if (!there.contains(name)) {
        throw new IllegalArgumentException(
            "the records have no column '" + name + "', but " + there
                + "; they need instruction and response, perhaps context, all of them strings: rename columns as with"
                + " withColumnRenamed");
      }
    }
    for (StructField field : schema.fields()) {
      if (NAMES.contains(field.name()) && !(field.dataType() instanceof StringType)) {
        throw new IllegalArgumentException(
            "the column '" + field.name() + "' of the records is " + field.dataType().simpleString()
                + ", and has to be a string; cast it");
      }
    }
    return records.select(
        column(there, "instruction"), column(there, "context"), column(there, "response"), column(there, BROKEN_NAME));
  }

  private static Column column(List<String> there, String name) {
    return there.contains(name) ? col("`" + name + "`") : lit(null).cast(DataTypes.StringType).as(name);
  }
}
