package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.SplitMix64;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.CommunicationException;
import io.garut.train.comm.Ranks;
import io.garut.train.shard.ZeroStage;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults at random operations of a run over ranks that are threads: every rank ends with a clear error within the deadline, no
 * checkpoint is lost, and the run that is resumed ends with the bits of one without a fault.
 */
class FaultTest {
  private static final int STEPS = 5;
  private static final long DEADLINE_MS = 1500;
  private static final ExecutorService THREADS = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

  @TempDir private Path folder;

  @AfterAll
  static void end() {
    THREADS.shutdownNow();
  }

  /** What goes wrong on one rank. */
  private enum Fault {
    /** It is gone, without a word. */
    LOST,
    /** It does not come back before the deadline. */
    LATE,
    /** It is at another operation. */
    WRONG,
    /** The first has no room for a checkpoint. */
    DISK
  }

  @Test
  void someFaults() throws Exception {
    faults(4);
  }

  @Test
  @Tag("slow")
  void ninetyFaults() throws Exception {
    faults(90);
  }

  private void faults(int count) throws Exception {
    Map<String, float[]> whole = weights(attempt(folder.resolve("whole"), 2, ZeroStage.ZERO, Optional.empty()).getFirst());
    for (int i = 0; i < count; i++) {
      Fault fault = Fault.values()[i % Fault.values().length];
      int size = i % 3 == 0 ? 4 : 2;
      ZeroStage stage = ZeroStage.of((int) Math.floorMod(SplitMix64.bits(1, i), 4L));
      int rank = fault == Fault.DISK ? 0 : (int) Math.floorMod(SplitMix64.bits(2, i), (long) size);
      int at = 5 + (int) Math.floorMod(SplitMix64.bits(3, i), 100L);
      Path out = folder.resolve("run-" + i);
      String what = fault + " on rank " + rank + " of " + size + " at operation " + at + " in stage " + stage;
      long began = System.nanoTime();
      List<Object> ends = attempt(out, size, stage, Optional.of(new Injected(fault, rank, at)));
      double seconds = (System.nanoTime() - began) * 1e-9;
      boolean finished = ends.stream().allMatch(Map.class::isInstance);
      if (!finished) {
        assertThat(ends).as(what).allSatisfy(
            end -> assertThat(end).isInstanceOfAny(CommunicationException.class, CheckpointException.class, Gone.class));
        assertThat(seconds).as("%s: seconds until all ranks ended", what).isLessThan(60);
        List<StoredCheckpoint> good = Checkpoints.list(out);
        assertThat(good).as(what).allSatisfy(each -> assertThat(Checksums.problem(each.folder())).isEmpty());
        ends = attempt(out, size == 4 ? 2 : 4, ZeroStage.of(3 - stage.ordinal()), Optional.empty());
      }
      Map<String, float[]> end = weights(ends.getFirst());
      whole.forEach((name, values) -> assertThat(end.get(name)).as("%s: %s", what, name).isEqualTo(values));
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, float[]> weights(Object end) {
    assertThat(end).isInstanceOf(Map.class);
    return (Map<String, float[]>) end;
  }

  private record Injected(Fault fault, int rank, int at) {
    boolean fillsDiskAt(long step) {
      return fault == Fault.DISK && step > at % STEPS;
    }
  }

  /** The rank that was lost. */
  private static final class Gone extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Runs, or goes on, to the end: the weights of each rank, or the error that ended it. */
  private List<Object> attempt(Path out, int size, ZeroStage stage, Optional<Injected> injected) throws Exception {
    List<Future<Object>> all = new ArrayList<>();
    long deadline = injected.isPresent() ? DEADLINE_MS : TimeUnit.SECONDS.toMillis(60);
    for (Collective end : Ranks.threads(size, Duration.ofMillis(deadline))) {
      boolean bad = injected.isPresent() && injected.get().rank == end.rank();
      Optional<Injected> own = bad ? injected : Optional.empty();
      Collective with = own.isPresent() ? faulty(end, own.get()) : end;
      all.add(THREADS.submit(() -> rank(out, new AsyncCollective(with, 8), stage, own)));
    }
    List<Object> ends = new ArrayList<>();
    for (Future<Object> each : all) {
      ends.add(each.get(90, TimeUnit.SECONDS));
    }
    return ends;
  }

  private static Object rank(Path out, AsyncCollective ranks, ZeroStage stage, Optional<Injected> injected) {
    try (ranks;
        SharedCheckpointTest.Rank rank = SharedCheckpointTest.Rank.of(ranks, stage, DType.F32);
        RunRecord record = SharedCheckpointTest.record(out, rank.group())) {
      long step = record instanceof RunFolder run ? latest(run) : 0;
      step = rank.group().fromFirst(step);
      if (step > 0) {
        Checkpoints.stored(out, step).restoreParts(rank.trainer());
      }
      while (rank.trainer().state().step() < STEPS) {
        rank.steps(1);
        Snapshot snapshot = rank.snapshot();
        boolean full = injected.isPresent() && injected.get().fillsDiskAt(rank.trainer().state().step());
        record.save(
            full ? new Snapshot(WITHOUT_ROOM, snapshot.optimizer(), snapshot.state(), snapshot.group()) : snapshot);
      }
      return rank.weights();
    } catch (CommunicationException | CheckpointException | Gone e) {
      return e;
    }
  }

  private static long latest(RunFolder run) throws CheckpointException {
    return run.checkpoints().latestGood().found().map(StoredCheckpoint::step).orElse(0L);
  }

  private static final ModelPart WITHOUT_ROOM = new ModelPart() {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void writeInto(Path folder) throws IOException {
      throw new IOException("No space left on device");
    }
  };

  private static Collective faulty(Collective end, Injected injected) {
    AtomicInteger operations = new AtomicInteger();
    return (Collective) Proxy.newProxyInstance(
        Collective.class.getClassLoader(), new Class<?>[] {Collective.class}, (proxy, method, arguments) -> {
          if (arguments != null && operations.incrementAndGet() == injected.at) {
            switch (injected.fault) {
              case LOST -> {
                end.close();
                throw new Gone();
              }
              case LATE -> Thread.sleep(DEADLINE_MS * 2);
              case WRONG -> end.barrier("somewhere else");
              case DISK -> {}
            }
          }
          try {
            return method.invoke(end, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }
}
