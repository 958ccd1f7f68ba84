package io.garut.cli.training;

import io.garut.cli.Failure;
import io.garut.train.shard.ZeroStage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Over how many ranks a run is spread, on which machines, and what they share out. */
final class RankOptions {
  private static final int MOST = 64;
  private static final int USUAL_DEADLINE = 300;
  private static final int LAST_PORT = 65_535;

  @Option(
      names = "--ranks",
      paramLabel = "N|FILE",
      description = "Train in so many processes on this machine, or on those of a file with a line 'host [slots=N]' for each,"
          + " this one first; a step then has as many times --gradient-accumulation batches. 1 unless given.")
  private String ranks = "1";

  @Option(
      names = "--zero",
      paramLabel = "STAGE",
      description = "What ranks share out, or --offload puts on the disk (ZeRO): 0 nothing, 1 the optimizer's states, 2 and"
          + " gradients, 3 and weights; the lowest that fits into memory unless given.")
  private Integer stage;

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      description = "How long a rank waits for another; 300 unless given.")
  private Integer deadline;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where ranks on other machines reach this one; the system chooses unless given.")
  private Integer port;

  @Option(names = "--follow", hidden = true, converter = Following.Converter.class, description = "Be a rank of a run.")
  private Following following;

  private HostFile hosts;

  /** Where picocli fills it in. */
  RankOptions() {}

  /** Refuses what makes no sense, and finds out where ranks are. */
  void check(boolean offloads) throws IOException {
    if (following == null) {
      hosts = ranks.matches("-?\\d{1,9}") ? here(Integer.parseInt(ranks)) : HostFile.read(Path.of(ranks));
    }
    if (size() > MOST) {
      throw Failure.usage("--ranks " + ranks + ": " + size() + " ranks; from 1 to " + MOST);
    }
    if (size() == 1 && deadline != null) {
      throw Failure.usage("--deadline is for several ranks; say --ranks too, or leave it out");
    }
    if (size() == 1 && stage != null && !offloads) {
      throw Failure.usage("--zero is for several ranks, or for --offload disk; say one of these too, or leave it out");
    }
    if (port != null && !isOverNetwork()) {
      throw Failure.usage("--port is for ranks on other machines; name these in a file with --ranks, or leave it out");
    }
    if (deadline != null && deadline < 1) {
      throw Failure.usage("--deadline " + deadline + ": 1 second at least");
    }
    if (port != null && (port < 1 || port > LAST_PORT)) {
      throw Failure.usage("--port " + port + ": from 1 to " + LAST_PORT);
    }
    if (stage != null && (stage < 0 || stage > 3)) {
      throw Failure.usage("--zero " + stage + ": ZeRO has the stages 0 to 3");
    }
  }

  private static HostFile here(int count) {
    if (count < 1) {
      throw Failure.usage("--ranks " + count + ": from 1 to " + MOST);
    }
    return HostFile.here(count);
  }

  /** The stage that was asked for. */
  Optional<ZeroStage> stage() {
    return Optional.ofNullable(stage).map(ZeroStage::of);
  }

  /** What rank 0 has told this process, if that started it. */
  Optional<Following> following() {
    return Optional.ofNullable(following);
  }

  /** Where the ranks are; known to rank 0 only. */
  HostFile hosts() {
    return hosts;
  }

  /** How many ranks there are. */
  int size() {
    return following == null ? hosts.size() : following.size();
  }

  /** How many of them are on this machine. */
  int besides() {
    return following == null ? hosts.besides(0) : following.besides();
  }

  /** Whether some are on other machines. */
  boolean isOverNetwork() {
    return following == null ? hosts.hasOthers() : following.network();
  }

  /** Where rank 0 listens; 0 for a port of the system's choice. */
  int port() {
    return port == null ? 0 : port;
  }

  /** Whether the process is one that rank 0 has started. */
  boolean isFollower() {
    return following != null;
  }

  Duration deadline() {
    return Duration.ofSeconds(deadline == null ? USUAL_DEADLINE : deadline);
  }
}
