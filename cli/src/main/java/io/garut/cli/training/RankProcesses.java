package io.garut.cli.training;

import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.MeetingPoint;
import io.garut.train.comm.Ranks;
import io.garut.train.comm.SocketSettings;
import io.garut.train.comm.Token;
import io.garut.train.optim.Offload;
import io.garut.train.shard.RankGroup;
import io.garut.train.shard.ZeroStage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The ranks of a run as processes on one machine: rank 0 is this one, and starts the others with its own arguments. They meet
 * over Unix sockets; the token that they prove to each other goes through the environment, which only their owner can read.
 */
final class RankProcesses implements AutoCloseable {
  private static final String TOKEN = "GARUT_RANK_TOKEN";
  private static final int UNDER_WAY = 8;
  private static final int SECONDS_TO_END = 10;

  private final List<Process> others = new ArrayList<>();
  private Optional<AsyncCollective> collective;

  /**
   * Joins the group: as rank 0 after starting the others, or as one of these; one rank alone has none.
   *
   * @param arguments of this process
   * @param logs the folder for what the others say: {@code rank-1.log} and so on
   */
  RankProcesses(RankOptions options, List<String> arguments, Path logs) throws IOException {
    if (options.ranks == 1) {
      collective = Optional.empty();
      return;
    }
    Files.createDirectories(logs);
    if (options.isFollower()) {
      SocketSettings settings = settings(options, Token.of(System.getenv(TOKEN)));
      collective = Optional.of(new AsyncCollective(
          Ranks.sockets(options.rank, options.ranks, UnixDomainSocketAddress.of(options.meetingPoint), settings), UNDER_WAY));
      return;
    }
    String token = Token.randomText();
    SocketSettings settings = settings(options, Token.of(token));
    UnixDomainSocketAddress address = Ranks.freshUnixAddress();
    try (MeetingPoint meeting = Ranks.meetingPoint(options.ranks, address, settings)) {
      for (int rank = 1; rank < options.ranks; rank++) {
        others.add(start(rank, address, token, arguments, logs.resolve("rank-" + rank + ".log")));
      }
      collective = Optional.of(new AsyncCollective(meeting.join(), UNDER_WAY));
    } catch (IOException | RuntimeException e) {
      others.forEach(Process::destroyForcibly);
      throw e;
    }
  }

  private static SocketSettings settings(RankOptions options, Token token) {
    return SocketSettings.with(token).deadline(options.deadlineDuration()).joinDeadline(options.deadlineDuration());
  }

  private static Process start(
      int rank, UnixDomainSocketAddress address, String token, List<String> arguments, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    String module = System.getProperty("jdk.module.main");
    if (module == null) {
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.garut.cli.Main"));
    } else {
      command.addAll(List.of("--module-path", System.getProperty("jdk.module.path")));
      command.addAll(List.of("--module", module + "/io.garut.cli.Main"));
    }
    command.addAll(arguments);
    command.addAll(List.of("--rank", Integer.toString(rank), "--meeting-point", address.getPath().toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put(TOKEN, token);
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** The group, where {@code stage} is shared out, and what is shared out lies where {@code offload} has it. */
  RankGroup group(ZeroStage stage, Offload offload) {
    if (collective.isEmpty() && stage.includes(ZeroStage.TWO)) { // one rank shares with the disk
      collective = Optional.of(new AsyncCollective(Ranks.threads(1).getFirst(), UNDER_WAY));
    }
    return collective.map(ranks -> RankGroup.of(ranks, stage, offload)).orElseGet(() -> RankGroup.alone(offload));
  }

  /** Leaves the group, and waits for the others to end. */
  @Override
  public void close() {
    collective.ifPresent(AsyncCollective::close);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_END);
    for (Process other : others) {
      try {
        if (!other.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          other.destroyForcibly();
        }
      } catch (InterruptedException e) {
        other.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
