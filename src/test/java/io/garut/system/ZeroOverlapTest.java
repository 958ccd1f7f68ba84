package io.garut.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Backends;
import io.garut.tensor.spi.Executor;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Ranks;
import io.garut.train.comm.SocketSettings;
import io.garut.train.comm.Token;
import io.garut.train.data.Example;
import io.garut.train.shard.GatheredWeights;
import io.garut.train.shard.ShardedGroup;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.Pythia;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Gathering and summing go on while ranks compute: a slow network costs stage 3 little. */
class ZeroOverlapTest {
  private static final int DELAY_MS = 10; // of each operation, on each rank
  private static final int STEPS = 4; // of which the first warms up
  private static final Pythia MODEL = Pythia.M160;

  @Test
  @Tag("slow")
  void stageThreeCostsAtMostAQuarterMoreThanStageZero() throws Exception {
    System.setProperty("garut.threads", "1"); // two ranks on two processors
    try {
      double zero = seconds(ZeroStage.ZERO);
      double three = seconds(ZeroStage.THREE);
      System.out.printf("160m, two ranks of 4 x 256 tokens: stage 0 %.2f s, stage 3 %.2f s a step%n", zero, three);
      assertThat(three / zero).isLessThanOrEqualTo(1.25);
    } finally {
      System.clearProperty("garut.threads");
    }
  }

  private static double seconds(ZeroStage stage) throws Exception {
    SocketSettings settings = SocketSettings.with(Token.of(Token.randomText()));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ExecutorService threads = Executors.newFixedThreadPool(2);
        var meeting = Ranks.meetingPoint(2, any, settings)) {
      List<Callable<double[]>> ranks = List.of(
          () -> rank(delayed(meeting.join()), stage),
          () -> rank(delayed(Ranks.sockets(1, 2, meeting.address(), settings)), stage));
      double[] longest = new double[STEPS];
      for (Future<double[]> rank : threads.invokeAll(ranks)) {
        double[] seconds = rank.get();
        Arrays.setAll(longest, i -> Math.max(longest[i], seconds[i]));
      }
      return Arrays.stream(longest).skip(1).sorted().toArray()[(STEPS - 1) / 2];
    }
  }

  /** Every operation begins later. */
  private static Collective delayed(Collective collective) {
    return (Collective) Proxy.newProxyInstance(
        Collective.class.getClassLoader(), new Class<?>[] {Collective.class}, (proxy, method, arguments) -> {
          if (arguments != null) { // an operation
            Thread.sleep(DELAY_MS);
          }
          try {
            return method.invoke(collective, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static double[] rank(Collective collective, ZeroStage stage) {
    try (Backend backend = Backends.create("cpu");
        AsyncCollective ranks = new AsyncCollective(collective, 8)) {
      return Executor.with(backend, () -> steps(ranks, stage));
    }
  }

  private static double[] steps(AsyncCollective ranks, ZeroStage stage) {
    try (GptNeoX model = GptNeoX.random(MODEL.config(), DType.F32, 1);
        ShardedGroup group = group(ranks, stage, model);
        Trainer trainer = new Trainer(model, model.weights(), TrainingOptions.adamW(1e-5), group)) {
      List<List<Example>> micro = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        int first = 1000 * rank;
        micro.add(IntStream.range(0, 4)
            .mapToObj(row -> Example.of(IntStream.range(0, 256).map(i -> (first + 31 * (256 * row + i)) % 50000).toArray()))
            .toList());
      }
      double[] seconds = new double[STEPS];
      Arrays.setAll(seconds, i -> trainer.step(micro).seconds());
      return seconds;
    }
  }

  private static ShardedGroup group(AsyncCollective ranks, ZeroStage stage, GptNeoX model) {
    if (stage != ZeroStage.THREE) {
      return new ShardedGroup(ranks, stage, model.weights());
    }
    GatheredWeights gathered = new GatheredWeights(ranks);
    model.weights().forEach(gathered::take);
    return new ShardedGroup(ranks, gathered, model.weights());
  }
}
