package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.garut.tensor.io.CheckpointException;
import io.garut.train.StepGroup;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Ranks;
import io.garut.train.shard.RankGroup;
import io.garut.train.shard.ZeroStage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFolderTest {
  @TempDir private Path folder;

  /** What each rank is told that looks for the run at its own path. */
  private static List<Optional<String>> require(Path... ofRank) throws Exception {
    List<Future<Optional<String>>> ends = new ArrayList<>();
    List<Collective> ranks = Ranks.threads(ofRank.length);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (int i = 0; i < ofRank.length; i++) {
        Collective rank = ranks.get(i);
        Path path = ofRank[i];
        ends.add(threads.submit(() -> require(rank, path)));
      }
      List<Optional<String>> told = new ArrayList<>();
      for (Future<Optional<String>> end : ends) {
        told.add(end.get());
      }
      return told;
    }
  }

  private static Optional<String> require(Collective rank, Path path) throws InterruptedException {
    try (AsyncCollective ranks = new AsyncCollective(rank, 1);
        StepGroup group = RankGroup.of(ranks, ZeroStage.ZERO).group(List.of())) {
      SharedFolder.require(group, path, Duration.ofMillis(60));
      return Optional.empty();
    } catch (CheckpointException e) {
      return Optional.of(e.getMessage());
    }
  }

  @Test
  void isMadeAndLeftAsItWas() throws Exception {
    Path run = folder.resolve("run");
    assertThat(require(run, run)).containsExactly(Optional.empty(), Optional.empty());
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void oneThatIsNotSharedIsToldByAll() throws Exception {
    Path run = folder.resolve("run");
    assertThat(require(run, run, folder.resolve("elsewhere"))).allSatisfy(told -> assertThat(told).hasValueSatisfying(text ->
        assertThat(text).contains("rank 2 does not see what rank 0 wrote", "all machines have mounted")));
    assertThat(run).isEmptyDirectory();
  }

  @Test
  void oneThatCannotBeMadeIsToldByAll() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(require(file.resolve("run"), file.resolve("run"))).allSatisfy(told -> assertThat(told).isPresent());
    assertThatCode(() -> require(folder, folder)).doesNotThrowAnyException();
  }
}
