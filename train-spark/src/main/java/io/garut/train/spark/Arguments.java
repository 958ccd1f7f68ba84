package io.garut.train.spark;

import io.garut.tensor.DType;
import io.garut.train.optim.LearningRate.Decay;
import io.garut.train.shard.ZeroStage;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** The words after the jar in {@code spark-submit}: those of {@code garut finetune}, as far as they mean something here. */
final class Arguments {
  private static final Map<String, BiFunction<SparkFinetuning, String, SparkFinetuning>> VALUES = new LinkedHashMap<>();
  private static final Map<String, UnaryOperator<SparkFinetuning>> FLAGS = new LinkedHashMap<>();

  static {
    VALUES.put("--data", (f, v) -> v.endsWith(".parquet") ? f.parquet(v.split(",")) : f.json(v.split(",")));
    VALUES.put("--out", (f, v) -> f.out(Path.of(v)));
    VALUES.put("--ranks", (f, v) -> f.ranks(Integer.parseInt(v)));
    VALUES.put("--zero", (f, v) -> f.stage(ZeroStage.of(Integer.parseInt(v))));
    VALUES.put("--epochs", (f, v) -> f.epochs(Integer.parseInt(v)));
    VALUES.put("--max-steps", (f, v) -> f.maxSteps(Integer.parseInt(v)));
    VALUES.put("--batch-size", (f, v) -> f.batchSize(Integer.parseInt(v)));
    VALUES.put("--pack", (f, v) -> f.pack(Integer.parseInt(v)));
    VALUES.put("--gradient-accumulation", (f, v) -> f.gradientAccumulation(Integer.parseInt(v)));
    VALUES.put("--learning-rate", (f, v) -> f.learningRate(Double.parseDouble(v)));
    VALUES.put("--warmup-steps", (f, v) -> f.warmupSteps(Integer.parseInt(v)));
    VALUES.put("--schedule", (f, v) -> f.schedule(Decay.valueOf(v.toUpperCase(Locale.ROOT))));
    VALUES.put("--weight-decay", (f, v) -> f.weightDecay(Double.parseDouble(v)));
    VALUES.put("--max-grad-norm", (f, v) -> f.maxGradientNorm(Double.parseDouble(v)));
    VALUES.put("--dtype", (f, v) -> f.dtype(DType.valueOf(v)));
    VALUES.put("--seed", (f, v) -> f.seed(Long.parseLong(v)));
    VALUES.put("--max-length", (f, v) -> f.maxLength(Integer.parseInt(v)));
    VALUES.put("--test-size", (f, v) -> f.testSize(Integer.parseInt(v)));
    VALUES.put("--eval-every", (f, v) -> f.evaluateEvery(Integer.parseInt(v)));
    VALUES.put("--save-every", (f, v) -> f.saveEvery(Integer.parseInt(v)));
    VALUES.put("--keep", (f, v) -> f.keep(Integer.parseInt(v)));
    VALUES.put("--sample-tokens", (f, v) -> f.sampleTokens(Integer.parseInt(v)));
    VALUES.put("--tls", (f, v) -> tls(f, v.split(",", -1)));
    FLAGS.put("--resume", f -> f.resume(true));
    FLAGS.put("--gradient-checkpointing", f -> f.gradientCheckpointing(true));
    FLAGS.put("--plain-between-machines", SparkFinetuning::allowPlainBetweenMachines);
  }

  private Arguments() {}

  /** How the program is called. */
  static String usage() {
    return "usage: spark-submit … garut-train-spark.jar --model FOLDER --data FILE[,FILE…] --out FOLDER [OPTION…]\n"
        + "files of JSON lines or Parquet with the columns instruction, response and perhaps context; folders that all"
        + " executors see\n"
        + "options with a value: " + String.join(" ", VALUES.keySet()) + "\n"
        + "options without: " + String.join(" ", FLAGS.keySet()) + "\n"
        + "--tls KEYSTORE,TRUSTSTORE,PASSWORDFILE is needed between machines, or --plain-between-machines\n";
  }

  private static SparkFinetuning tls(SparkFinetuning finetuning, String... files) {
    if (files.length != 3) {
      throw new IllegalArgumentException("KEYSTORE,TRUSTSTORE,PASSWORDFILE are three files");
    }
    return finetuning.tls(Path.of(files[0]), Path.of(files[1]), Path.of(files[2]));
  }

  /**
   * What the words ask for.
   *
   * @throws IllegalArgumentException naming the word that is not right
   */
  static SparkFinetuning read(List<String> words) {
    int model = words.indexOf("--model");
    if (model < 0 || model + 1 == words.size()) {
      throw new IllegalArgumentException("no model is named; say --model FOLDER");
    }
    SparkFinetuning finetuning = SparkFinetuning.of(Path.of(words.get(model + 1)));
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      finetuning = read(finetuning, rest.next(), rest);
    }
    return finetuning;
  }

  private static SparkFinetuning read(SparkFinetuning finetuning, String word, Iterator<String> rest) {
    if (FLAGS.containsKey(word)) {
      return FLAGS.get(word).apply(finetuning);
    }
    boolean isModel = word.equals("--model");
    if (!isModel && !VALUES.containsKey(word)) {
      throw new IllegalArgumentException(word + " is no option");
    }
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(word + " has no value");
    }
    String value = rest.next();
    try {
      return isModel ? finetuning : VALUES.get(word).apply(finetuning, value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(word + " " + value + ": " + e.getMessage(), e);
    }
  }
}
