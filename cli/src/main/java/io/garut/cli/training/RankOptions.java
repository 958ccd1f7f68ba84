package io.garut.cli.training;

import io.garut.cli.Failure;
import io.garut.train.shard.ZeroStage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Over how many ranks a run is spread, and what they share out. */
final class RankOptions {
  private static final int MOST = 64;
  private static final int USUAL_DEADLINE = 300;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Train in so many processes on this machine; a step then has as many times --gradient-accumulation"
          + " batches. 1 unless given.")
  int ranks = 1;

  @Option(
      names = "--zero",
      paramLabel = "STAGE",
      description = "What ranks share out, or --offload puts on the disk (ZeRO): 0 nothing, 1 the optimizer's states, 2 and"
          + " gradients, 3 and weights; the lowest that fits into memory unless given.")
  Integer stage;

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      description = "How long a rank waits for another; 300 unless given.")
  private Integer deadline;

  @Option(names = "--rank", hidden = true, description = "Which rank this process is.")
  int rank;

  @Option(names = "--meeting-point", hidden = true, description = "The socket at which it meets rank 0.")
  Path meetingPoint;

  /** Where picocli fills it in. */
  RankOptions() {}

  /** Refuses numbers that make no sense. */
  void check(boolean offloads) {
    if (ranks < 1 || ranks > MOST) {
      throw Failure.usage("--ranks " + ranks + ": from 1 to " + MOST);
    }
    if (ranks == 1 && deadline != null) {
      throw Failure.usage("--deadline is for several ranks; say --ranks too, or leave it out");
    }
    if (ranks == 1 && stage != null && !offloads) {
      throw Failure.usage("--zero is for several ranks, or for --offload disk; say one of these too, or leave it out");
    }
    if (deadline != null && deadline < 1) {
      throw Failure.usage("--deadline " + deadline + ": 1 second at least");
    }
    if (stage != null && (stage < 0 || stage > 3)) {
      throw Failure.usage("--zero " + stage + ": ZeRO has the stages 0 to 3");
    }
  }

  /** The stage that was asked for. */
  Optional<ZeroStage> stage() {
    return Optional.ofNullable(stage).map(ZeroStage::of);
  }

  /** Whether the process is one that rank 0 has started. */
  boolean isFollower() {
    return rank > 0;
  }

  Duration deadlineDuration() {
    return Duration.ofSeconds(deadline == null ? USUAL_DEADLINE : deadline);
  }
}
