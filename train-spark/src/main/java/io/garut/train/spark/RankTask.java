package io.garut.train.spark;

import io.garut.tensor.io.CheckpointException;
import io.garut.train.DivergenceException;
import io.garut.train.StepGroup;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.CommunicationException;
import io.garut.train.run.SharedFolder;
import io.garut.train.shard.RankGroup;
import io.garut.train.shard.ZeroStage;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * One rank, as a task of a barrier stage. What it throws has Spark start all ranks again; what another try would not mend is
 * what it returns.
 */
final class RankTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>> implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int UNDER_WAY = 8;
  private static final long PAUSE_MILLIS = 1000;
  private static final String VECTORS = "jdk.incubator.vector";

  private final Settings settings;
  private final String token;
  private final Broadcast<byte[]> examples;

  RankTask(Settings settings, String token, Broadcast<byte[]> examples) {
    this.settings = settings;
    this.token = token;
    this.examples = examples;
  }

  @Override
  public Iterator<String> apply(Iterator<Integer> nothing) {
    BarrierTaskContext context = BarrierTaskContext.get();
    return CollectionConverters.asScala(List.of(run(context).text()).iterator());
  }

  private RankEnd run(BarrierTaskContext context) {
    int attempt = context.stageAttemptNumber();
    try {
      return new RankEnd(train(context, attempt > 0), attempt, Optional.empty());
    } catch (ProblemException | CheckpointException | DivergenceException | IllegalArgumentException e) {
      return new RankEnd(0, attempt, Optional.of(Objects.requireNonNullElse(e.getMessage(), e.toString())));
    } catch (CommunicationException e) {
      throw later(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("rank " + context.partitionId() + " was interrupted", e);
    } catch (IOException e) {
      throw new IllegalStateException("rank " + context.partitionId() + ": " + e.getMessage(), e);
    }
  }

  /** Spark tells its user of the first task that fails: that should be the one that others were let down by. */
  private static CommunicationException later(CommunicationException e) {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return e;
  }

  private long train(BarrierTaskContext context, boolean again) throws IOException, ProblemException, InterruptedException {
    Collective joined = new Rendezvous(Place.of(context), settings, token).join(problem());
    try (AsyncCollective ranks = new AsyncCollective(joined, UNDER_WAY)) {
      try (StepGroup all = RankGroup.of(ranks, ZeroStage.ZERO).group(List.of())) {
        SharedFolder.require(all, settings.folder());
      }
      return new RankRun(settings, EncodedExamples.toSet(examples.value()), ranks, again).train();
    }
  }

  /** What is wrong with this executor. */
  private Optional<String> problem() {
    if (ModuleLayer.boot().findModule(VECTORS).isEmpty()) {
      return Optional.of(
          "its JVM was started without the Vector API: put --add-modules " + VECTORS + " among"
              + " spark.executor.extraJavaOptions, or spark.driver.extraJavaOptions where the driver is the executor");
    }
    return Files.exists(settings.modelPath())
        ? Optional.empty()
        : Optional.of("there is no model at " + settings.model + "; it has to lie where all executors see it");
  }
}
