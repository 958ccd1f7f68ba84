package io.garut.train.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master, two workers and their executors, each a process: what comes out has the bits of the command on one rank. */
class ClusterTest {
  private static final int STEPS = 6; // 24 records, 4 a step
  private static final int DEADLINE = 8; // in seconds: longer than a fresh executor takes for a step on a busy machine

  @TempDir private static Path shared;
  private static SparkSession spark;
  private static Path model;
  private static Path records;
  private static byte[] expected;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars")); // the class path has what would be there
    model = TinyModel.write(shared.resolve("tiny"));
    records = TinyModel.writeRecords(shared.resolve("records.jsonl"));
    expected = command(shared.resolve("command"));
    spark = SparkSession.builder()
        .master("local-cluster[2,1,1024]")
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.executor.extraJavaOptions", String.join(" ", TinyModel.JVM))
        .config("spark.ui.enabled", false)
        .config("spark.stage.maxConsecutiveAttempts", 2)
        .config("spark.sql.warehouse.dir", shared.resolve("warehouse").toString())
        .config("spark.sql.codegen.wholeStage", false)
        .config("spark.sql.files.maxPartitionBytes", 1000) // several partitions
        .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** The weights that {@code garut finetune} ends with on one rank. */
  private static byte[] command(Path out) throws IOException {
    StringWriter err = new StringWriter();
    Console console = new Console(new ByteArrayInputStream(new byte[0]), new StringWriter(), err, Console.Terminals.NONE);
    String[] words = {
      "finetune", "--model", model.toString(), "--data", records.toString(), "--out", out.toString(), "--epochs", "1",
      "--batch-size", "2", "--gradient-accumulation", "2", "--learning-rate", "0.01", "--test-size", "3", "--eval-every", "3",
      "--sample-tokens", "2"
    };
    assertThat(io.garut.cli.Main.run(words, console, new Interruption())).as(err.toString()).isZero();
    return weights(out);
  }

  private static byte[] weights(Path out) throws IOException {
    return Files.readAllBytes(out.resolve("model").resolve("model.safetensors"));
  }

  private SparkFinetuning finetuning() {
    return SparkFinetuning.of(model)
        .json(records.toString())
        .out(folder.resolve("run"))
        .ranks(2)
        .epochs(1)
        .batchSize(2)
        .learningRate(0.01)
        .testSize(3)
        .evaluateEvery(3)
        .saveEvery(2)
        .prompts("Who is 3?")
        .sampleTokens(2);
  }

  private FailsOnce after(int step, int rank, FailsOnce.How how) {
    return new FailsOnce(rank, step, folder.resolve("failed").toString(), how);
  }

  private void assertSame(FinetunedModel tuned, int restarts) throws IOException {
    assertThat(tuned).isEqualTo(new FinetunedModel(folder.resolve("run/model"), STEPS, restarts));
    assertThat(weights(folder.resolve("run"))).isEqualTo(expected);
    try (Stream<String> lines = Files.lines(folder.resolve("run/metrics.jsonl"))) {
      assertThat(lines.filter(line -> line.contains("learning_rate"))).as("a line for each step").hasSize(STEPS);
    }
    try (Stream<Path> all = Files.list(folder.resolve("run"))) {
      assertThat(all.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith(".seen"));
    }
  }

  @Test
  void hasTheBitsOfTheCommand() throws IOException {
    assertSame(finetuning().stage(ZeroStage.THREE).run(spark), 0);
    try (GptNeoX tuned = GptNeoX.load(folder.resolve("run/model"))) {
      assertThat(tuned.tokenizer().orElseThrow().id("### End")).as("Dolly's tokens were added").isPresent();
    }
  }

  /** The other rank notices at its deadline, and Spark interrupts the one that hangs. */
  @Test
  void goesOnAfterATaskHasHung() throws IOException {
    SparkFinetuning hangs = finetuning().stage(ZeroStage.TWO).listeners(after(3, 1, FailsOnce.How.HANGS));
    assertSame(hangs.deadline(Duration.ofSeconds(DEADLINE)).run(spark), 1);
    assertThat(folder.resolve("failed")).exists();
  }

  @Test
  void givesUpOnATaskThatFailsAgainAndAgain() throws IOException {
    SparkFinetuning tuning = finetuning().stage(ZeroStage.ONE);
    assertThatThrownBy(() -> tuning.listeners(after(3, 1, FailsOnce.How.THROWS)).run(spark))
        .isInstanceOf(FinetuningException.class)
        .hasMessageContainingAll("Spark has given up", "rank 1 fails after step 3", "go on with resume");
    assertSame(tuning.resume(true).run(spark), 0);
  }

  /** Rank 0, which holds the lock of the folder and is who the others have met. */
  @Test
  void goesOnAfterAnExecutorHasDied() throws IOException {
    assertSame(finetuning().stage(ZeroStage.THREE).listeners(after(5, 0, FailsOnce.How.DIES)).run(spark), 1);
    assertThat(folder.resolve("failed")).exists();
  }

  @Test
  void isResumedAtAnotherNumberOfRanks() throws IOException {
    Dataset<Row> rows = DollyRows.json(spark, List.of(records.toString())).withColumn("more", functions.lit(1));
    SparkFinetuning two = finetuning().records(rows).stage(ZeroStage.ONE);
    assertThatThrownBy(() -> two.resume(true).run(spark)).hasMessageContaining("holds no run to resume");
    assertThatThrownBy(() -> two.listeners(after(3, 1, FailsOnce.How.STOPS)).run(spark))
        .isInstanceOf(FinetuningException.class)
        .hasMessageContaining("a listener has ended the run after step 3");
    assertThatThrownBy(() -> two.run(spark)).hasMessageContaining("holds a run already");
    assertThatThrownBy(() -> two.resume(true).epochs(2).run(spark)).hasMessageContaining("has epochs 1, not 2");
    assertThatThrownBy(() -> two.resume(true).records(rows.limit(26)).run(spark))
        .hasMessageContaining("are others than those of this run");
    assertSame(two.resume(true).ranks(1).gradientAccumulation(2).run(spark), 0);
  }

  @Test
  void tooFewSlotsAreToldAtOnce() {
    assertThatThrownBy(() -> finetuning().ranks(3).waitForExecutors(Duration.ofMillis(300)).run(spark))
        .isInstanceOf(FinetuningException.class)
        .hasMessageContaining("3 ranks have to run at once, and Spark can run 2 tasks at once");
  }

  @Test
  void columnsAndRecordsThatAreNotRightAreNamed() throws IOException {
    Dataset<Row> rows = spark.range(5).withColumn("instruction", functions.lit("Who?"));
    assertThatThrownBy(() -> finetuning().records(rows).run(spark))
        .hasMessageContaining("no column 'response', but [id, instruction]");
    assertThatThrownBy(() -> finetuning().records(rows.withColumnRenamed("id", "response")).run(spark))
        .hasMessageContaining("the column 'response' of the records is bigint, and has to be a string");
    Dataset<Row> third = rows.withColumn("response", functions.expr("if(id = 2, '', 'A sheep.')"));
    assertThatThrownBy(() -> finetuning().records(third).run(spark)).hasMessageContaining("record 3 has no response");
    Path broken = Files.writeString(folder.resolve("broken.jsonl"), Files.readString(records) + "{\"instruction\": ");
    assertThatThrownBy(() -> finetuning().json(broken.toString()).run(spark))
        .hasMessageContaining("record 28 is no JSON object");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
