package io.garut.train.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** {@link SparkFinetuning} for {@code spark-submit}. */
public final class Main {
  private static final int FAILED = 1;
  private static final int USAGE = 64; // of sysexits.h

  private Main() {}

  /** Runs, and ends the JVM with a status other than 0 if that fails. */
  public static void main(String[] args) {
    int status = run(List.of(args), System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Runs in the session that there is, or that {@code spark-submit} has the settings of. */
  static int run(List<String> args, PrintStream err) {
    SparkFinetuning finetuning;
    try {
      finetuning = Arguments.read(args);
    } catch (IllegalArgumentException e) {
      err.print(e.getMessage() + "\n" + Arguments.usage());
      return USAGE;
    }
    try (SparkSession spark = SparkSession.builder().appName("garut finetune").getOrCreate()) {
      FinetunedModel tuned = finetuning.run(spark);
      err.printf("the model is in %s, after %d steps and %d restarts%n", tuned.model(), tuned.steps(), tuned.restarts());
      return 0;
    } catch (IOException | FinetuningException | IllegalArgumentException e) {
      err.println(e.getMessage());
      return FAILED;
    }
  }
}
