package io.garut.train.spark;

import io.garut.tensor.DType;
import io.garut.train.comm.Token;
import io.garut.train.data.TrainingSet;
import io.garut.train.data.batch.Examples;
import io.garut.train.finetune.ModelHead;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.run.Recipe;
import io.garut.train.run.RunFolder;
import io.garut.train.shard.ZeroStage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Tunes a model on the records of a Spark data set, over several executors, as Dolly 2.0 was made.
 *
 * {@snippet :
 * FinetunedModel tuned = SparkFinetuning.of(Path.of("/shared/pythia-410m"))
 *     .records(spark.table("instructions"))
 *     .ranks(8).stage(ZeroStage.THREE)
 *     .batchSize(2).epochs(2).learningRate(5e-6)
 *     .out(Path.of("/shared/runs/mine"))
 *     .run(spark);
 * }
 *
 * <p>Executors make tokens of the records, each of its partitions; the examples go through the driver, eight bytes a token, to
 * the ranks. Then a barrier stage holds one task a rank; what they send to one another does not go through Spark. Shuffle,
 * split, batches and steps are the library's, so that the run has the bits of {@code garut finetune} over the same records in
 * the same order with as many batches a step, on machines with vectors of the same width, where the number of ranks is a power
 * of two.
 *
 * <p>Model and run folder lie on a file system that driver and executors have mounted at the same place. When a task fails or
 * an executor is lost, Spark starts all ranks again, and they go on from the last good checkpoint; four times, unless {@code
 * spark.stage.maxConsecutiveAttempts} says otherwise.
 *
 * <p>Immutable: each setting returns a changed copy. Defaults are those of {@code garut finetune}.
 */
public final class SparkFinetuning {
  private static final String INTERRUPT = "spark.job.interruptOnCancel";

  private final Settings settings;
  private final Optional<Function<SparkSession, Dataset<Row>>> records;

  private SparkFinetuning(Settings settings, Optional<Function<SparkSession, Dataset<Row>>> records) {
    this.settings = settings;
    this.records = records;
  }

  /** Of the model in {@code model}, a Hugging Face folder or a GGUF file, with one rank. */
  public static SparkFinetuning of(Path model) {
    return new SparkFinetuning(new Settings(model), Optional.empty());
  }

  /** What was set so far. */
  Settings settings() {
    return settings;
  }

  private SparkFinetuning with(Consumer<Settings> change) {
    Settings changed = settings.copy();
    change.accept(changed);
    return new SparkFinetuning(changed, records);
  }

  private SparkFinetuning from(Function<SparkSession, Dataset<Row>> source) {
    return new SparkFinetuning(settings, Optional.of(source));
  }

  /**
   * With these records: string columns {@code instruction} and {@code response}, perhaps {@code context}; others are passed
   * over. Their order is that of the partitions, and within them that of the rows.
   */
  public SparkFinetuning records(Dataset<Row> rows) {
    return from(spark -> rows);
  }

  /** With the records of files of JSON lines with these keys, such as Dolly's, one file after another. */
  public SparkFinetuning json(String... paths) {
    List<String> files = some(paths);
    return from(spark -> DollyRows.json(spark, files));
  }

  /** With the records of Parquet files with these columns, one file after another. */
  public SparkFinetuning parquet(String... paths) {
    List<String> files = some(paths);
    return from(spark -> DollyRows.parquet(spark, files));
  }

  private static List<String> some(String... paths) {
    if (paths.length == 0) {
      throw new IllegalArgumentException("no file of records is named");
    }
    return List.of(paths);
  }

  /** With a folder for the run, which is made, and which every rank sees. The model will be in its folder {@code model}. */
  public SparkFinetuning out(Path folder) {
    return with(s -> s.out = folder.toAbsolutePath().normalize().toString());
  }

  /** Whether to go on from the last good checkpoint of the run in {@link #out}, begun with the same settings. */
  public SparkFinetuning resume(boolean value) {
    return with(s -> s.resume = value);
  }

  /** With so many ranks, each a task of Spark. */
  public SparkFinetuning ranks(int count) {
    return with(s -> s.ranks = atLeast(1, count, "ranks"));
  }

  /** With what the ranks share out; nothing unless set. */
  public SparkFinetuning stage(ZeroStage stage) {
    return with(s -> s.stage = stage);
  }

  /** With so many passes over the records; 2 unless set. */
  public SparkFinetuning epochs(int count) {
    return with(s -> s.epochs = atLeast(1, count, "epochs"));
  }

  /** With an end after so many steps at most; 0 for all. */
  public SparkFinetuning maxSteps(int count) {
    return with(s -> s.maxSteps = atLeast(0, count, "steps at most"));
  }

  /** With so many examples that go through the model together on each rank; 4 unless set. */
  public SparkFinetuning batchSize(int examples) {
    return with(s -> s.batchSize = atLeast(1, examples, "examples in a batch"));
  }

  /** With short examples put together up to so many tokens, instead of a number of examples. */
  public SparkFinetuning pack(int tokens) {
    return with(s -> s.pack = atLeast(2, tokens, "tokens that are put together"));
  }

  /** With so many such batches of each rank in one step; 1 unless set. */
  public SparkFinetuning gradientAccumulation(int batches) {
    return with(s -> s.accumulation = atLeast(1, batches, "batches of a rank in a step"));
  }

  /** Whether blocks keep only their input and are computed again on the way back. */
  public SparkFinetuning gradientCheckpointing(boolean value) {
    return with(s -> s.checkpointing = value);
  }

  /** With a highest learning rate; 5e-6 unless set. */
  public SparkFinetuning learningRate(double rate) {
    return with(s -> s.learningRate = rate);
  }

  /** With so many steps over which it rises; 50, or a tenth of all if that is less, unless set. */
  public SparkFinetuning warmupSteps(int steps) {
    return with(s -> s.warmupSteps = atLeast(0, steps, "steps of warm-up"));
  }

  /** With what the rate does after it has risen; constant unless set. */
  public SparkFinetuning schedule(Decay decay) {
    return with(s -> s.schedule = decay);
  }

  /** With AdamW's decay of matrices; 0 unless set. */
  public SparkFinetuning weightDecay(double decay) {
    return with(s -> s.weightDecay = decay);
  }

  /** With gradients shortened to this norm; 1 unless set. */
  public SparkFinetuning maxGradientNorm(double norm) {
    return with(s -> s.maxGradientNorm = norm);
  }

  /** With weights kept in F32, BF16 or F16; F32 unless set. */
  public SparkFinetuning dtype(DType type) {
    if (type != DType.F32 && type != DType.BF16 && type != DType.F16) {
      throw new IllegalArgumentException("a model is trained in F32, BF16 or F16, not " + type);
    }
    return with(s -> s.dtype = type);
  }

  /** With another seed of shuffle and split; 42 unless set. */
  public SparkFinetuning seed(long value) {
    return with(s -> s.seed = value);
  }

  /** With records of so many tokens or more left out; the model's context, or 1024 if that is less, unless set. */
  public SparkFinetuning maxLength(int tokens) {
    return with(s -> s.maxLength = atLeast(2, tokens, "tokens of a record"));
  }

  /** With so many records that are only evaluated; 200, or a tenth if that is less, unless set. */
  public SparkFinetuning testSize(int count) {
    return with(s -> s.testSize = atLeast(0, count, "records for evaluation"));
  }

  /** With so many steps between evaluations; 50 unless set, 0 for the first and the last only. */
  public SparkFinetuning evaluateEvery(int steps) {
    return with(s -> s.evaluateEvery = atLeast(0, steps, "steps between evaluations"));
  }

  /** With so many steps between checkpoints, of which a failure costs as many at most; 200 unless set, 0 for the last only. */
  public SparkFinetuning saveEvery(int steps) {
    return with(s -> s.saveEvery = atLeast(0, steps, "steps between checkpoints"));
  }

  /** With so many checkpoints that stay; 20 unless set. */
  public SparkFinetuning keep(int checkpoints) {
    return with(s -> s.keep = atLeast(1, checkpoints, "checkpoints that stay"));
  }

  /** With instructions that are answered at every evaluation; Databricks' five unless set. */
  public SparkFinetuning prompts(String... instructions) {
    String[] copy = instructions.clone();
    return with(s -> s.prompts = copy);
  }

  /** With so many tokens in such an answer at most; 128 unless set. */
  public SparkFinetuning sampleTokens(int count) {
    return with(s -> s.sampleTokens = atLeast(1, count, "tokens of an answer"));
  }

  /** With a deadline for what ranks wait for from one another; five minutes unless set. */
  public SparkFinetuning deadline(Duration most) {
    return with(s -> s.deadlineMillis = most.toMillis());
  }

  /** With a deadline for executors to come, so that all ranks have their place; 30 seconds unless set. */
  public SparkFinetuning waitForExecutors(Duration most) {
    return with(s -> s.slotsMillis = most.toMillis());
  }

  /** With something that hears, on the executors, how the run gets on. */
  public SparkFinetuning listeners(RankListeners make) {
    return with(s -> s.listeners = make);
  }

  /**
   * With TLS between machines: the paths of PKCS #12 files with the key of a machine and with whom it believes, and of a file
   * that holds their password, as they are on every executor.
   */
  public SparkFinetuning tls(Path keyStore, Path trustStore, Path passwordFile) {
    return with(s -> s.tls = new TlsFiles(keyStore.toString(), trustStore.toString(), passwordFile.toString()));
  }

  /** Without encryption even between machines: for networks where nobody else listens. */
  public SparkFinetuning allowPlainBetweenMachines() {
    return with(s -> s.plainBetweenMachines = true);
  }

  private static int atLeast(int least, int value, String what) {
    if (value < least) {
      throw new IllegalArgumentException(what + ": " + least + " or more, not " + value);
    }
    return value;
  }

  /**
   * Runs to the end.
   *
   * @param spark a session with a context of its own, which Spark Connect's clients lack
   * @throws IllegalArgumentException if settings, columns or a record are not right
   * @throws IOException if the model or an earlier run cannot be read
   * @throws FinetuningException if the run cannot begin, or not come to its end
   */
  public FinetunedModel run(SparkSession spark) throws IOException {
    if (records.isEmpty()) {
      throw new IllegalArgumentException("nothing to learn from is named: say records, json or parquet");
    }
    if (settings.out.isEmpty()) {
      throw new IllegalArgumentException("no folder for the run is named: say out");
    }
    requireFolder();
    int maxLength = settings.maxLength(ModelHead.open(settings.modelPath()).config().contextLength());
    Slots.await(spark.sparkContext(), settings.ranks, Duration.ofMillis(settings.slotsMillis));
    TrainingSet set = Encoding.examples(records.get().apply(spark), settings.model, maxLength);
    if (set.size() == 0) {
      throw new IllegalArgumentException("all " + set.tooLong() + " records have " + maxLength + " tokens or more");
    }
    if (settings.resume) {
      TrainingSet.Split split = set.split(settings.testSize(set.size()), settings.seed);
      Recipe recipe = settings.recipe();
      long steps = recipe.steps(recipe.batches(Examples.of(split.train().examples())));
      RunFolder.requireSame(settings.folder(), settings.resolved(steps, maxLength, split.test().size()));
    }
    return launch(spark.sparkContext(), EncodedExamples.toBytes(set));
  }

  private void requireFolder() {
    boolean there = RankRun.isRun(settings.folder());
    if (there != settings.resume) {
      throw new FinetuningException(
          there
              ? settings.out + " holds a run already: go on with resume, or choose another folder"
              : settings.out + " holds no run to resume");
    }
  }

  private FinetunedModel launch(SparkContext spark, byte[] examples) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark);
    Broadcast<byte[]> broadcast = context.broadcast(examples);
    String before = spark.getLocalProperty(INTERRUPT);
    spark.setLocalProperty(INTERRUPT, "true"); // ranks that wait for one that was lost are to be ended, too
    try {
      ClassTag<String> text = ClassTag$.MODULE$.apply(String.class);
      RDD<Integer> places =
          context.parallelize(IntStream.range(0, settings.ranks).boxed().toList(), settings.ranks).rdd();
      RDD<String> ends =
          places.barrier().mapPartitions(new RankTask(settings, Token.randomText(), broadcast), false, text);
      // Spark starts a stage again only if it is not the last one of its job.
      List<RankEnd> all = JavaRDD.fromRDD(ends, text).repartition(1).collect().stream().map(RankEnd::of).toList();
      RankEnd end = all.stream().filter(each -> each.problem().isPresent()).findFirst().orElse(all.getFirst());
      if (end.problem().isPresent()) {
        throw new FinetuningException(end.problem().get());
      }
      return new FinetunedModel(settings.folder().resolve("model"), end.steps(), end.attempt());
    } catch (FinetuningException e) {
      throw e;
    } catch (Exception e) { // Spark's are checked, and not declared
      throw new FinetuningException(
          "Spark has given up: " + e.getMessage() + "\nmend that; if " + settings.out + " holds a run, go on with resume", e);
    } finally {
      spark.setLocalProperty(INTERRUPT, before);
      broadcast.destroy();
    }
  }
}
