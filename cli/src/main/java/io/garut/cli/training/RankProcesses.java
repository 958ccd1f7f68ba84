package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.train.StepGroup;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.CommunicationException;
import io.garut.train.comm.MeetingPoint;
import io.garut.train.comm.Ranks;
import io.garut.train.comm.SocketSettings;
import io.garut.train.optim.Offload;
import io.garut.train.run.SharedFolder;
import io.garut.train.shard.RankGroup;
import io.garut.train.shard.ZeroStage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * The ranks of a run as processes: rank 0 is this one, and starts the others with its own arguments. On one machine they meet
 * over Unix sockets, on several over TCP and TLS. A rank ends when its standard input does, which rank 0 holds.
 */
final class RankProcesses implements AutoCloseable {
  private static final int UNDER_WAY = 8;
  private static final int SECONDS_TO_END = 10;

  private final RankOptions options;
  private final Path folder;
  private final List<Process> others = new ArrayList<>();
  private Optional<AsyncCollective> collective;

  /**
   * Joins the group: as rank 0 after starting the others, or as one of these; one rank alone has none.
   *
   * @param arguments of this process
   * @param examples what tells those of this process from others
   * @param folder of the run, where the others say what they have to: {@code rank-1.log} and so on
   */
  RankProcesses(Console console, RankOptions options, List<String> arguments, long examples, Path folder)
      throws IOException {
    this.options = options;
    this.folder = folder;
    if (options.size() == 1) {
      collective = Optional.empty();
      return;
    }
    try {
      Collective all = options.following().isPresent() ? follow(console, options.following().get()) : lead(arguments);
      collective = Optional.of(new AsyncCollective(all, UNDER_WAY));
      if (options.isOverNetwork()) {
        requireAlike(examples);
      }
    } catch (InterruptedException e) {
      others.forEach(Process::destroyForcibly);
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
    } catch (CommunicationException e) { // nothing has begun that --resume could go on with
      others.forEach(Process::destroyForcibly);
      throw new Failure(ExitCode.UNAVAILABLE, e.getMessage() + "; " + advice(), e);
    } catch (IOException | RuntimeException e) {
      others.forEach(Process::destroyForcibly);
      throw e;
    }
  }

  /** What helps where ranks have not met. */
  private String advice() {
    if (others.isEmpty() && options.isOverNetwork() && !options.isFollower()) {
      return "say another --port, or name this machine in the host file as the others reach it";
    }
    return "what the other ranks said is in rank-N.log in " + folder;
  }

  private Collective follow(Console console, Following following) throws IOException {
    BufferedReader input = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
    SocketSettings settings = RankSecrets.receive(input).settings(options.deadline());
    Thread.ofPlatform().daemon().name("garut-rank-0").start(() -> {
      try {
        input.transferTo(Writer.nullWriter()); // it says nothing more
        console.err().println("garut: rank 0 has ended");
      } catch (IOException e) {
        console.err().println("garut: rank 0 is lost: " + e);
      }
      console.err().flush();
      Runtime.getRuntime().halt(ExitCode.UNAVAILABLE.code());
    });
    return Ranks.sockets(following.rank(), following.size(), following.address(), settings);
  }

  private Collective lead(List<String> arguments) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    HostFile hosts = options.hosts();
    RankSecrets secrets = RankSecrets.fresh(hosts.hasOthers());
    SocketAddress at = hosts.hasOthers() ? new InetSocketAddress(hosts.reached(), options.port()) : Ranks.freshUnixAddress();
    MeetingPoint meeting = Ranks.meetingPoint(hosts.size(), at, secrets.settings(options.deadline()));
    try (meeting) {
      String place = switch (meeting.address()) {
        case UnixDomainSocketAddress unix -> unix.getPath().toString();
        case InetSocketAddress internet -> hosts.reached() + ":" + internet.getPort();
        default -> throw new IllegalStateException("neither a TCP nor a Unix address: " + meeting.address());
      };
      CompletableFuture<Collective> joined = new CompletableFuture<>();
      for (int rank = 1; rank < hosts.size(); rank++) {
        start(new Following(rank, hosts.size(), hosts.besides(rank), hosts.hasOthers(), place), arguments, secrets, joined);
      }
      Thread.ofPlatform().daemon().name("garut-meeting").start(() -> {
        try {
          joined.complete(meeting.join());
        } catch (RuntimeException e) {
          joined.completeExceptionally(e);
        }
      });
      return joined.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Starts a rank, whose end before all have met is the end of {@code joined}. */
  private void start(
      Following rank, List<String> arguments, RankSecrets secrets, CompletableFuture<Collective> joined)
      throws IOException, InterruptedException {
    String host = options.hosts().hosts().get(rank.rank());
    Launcher launcher = host.equals(options.hosts().first()) ? new Launcher.Here() : new Launcher.Ssh(host);
    List<String> command = new ArrayList<>(ownCommand());
    command.addAll(arguments);
    command.addAll(rank.words());
    Path log = folder.resolve("rank-" + rank.rank() + ".log");
    Process process = new ProcessBuilder(launcher.command(command))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    others.add(process);
    CompletableFuture<Void> _ = process.onExit().thenAccept(ended -> joined.completeExceptionally(new Failure(
        ExitCode.UNAVAILABLE,
        "rank " + rank.rank() + " on " + host + " " + launcher.ended(ended.exitValue(), lastWords(log)) + " (" + log + ")")));
    try {
      secrets.send(process.getOutputStream()); // which stays open as long as this process lives
    } catch (IOException e) {
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        throw e;
      } // else its end, of which joined hears, tells more
    }
  }

  private static List<String> ownCommand() {
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
    return command;
  }

  private static String lastWords(Path log) {
    try {
      return Files.readAllLines(log).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((_, line) -> line)
          .orElse("it said nothing");
    } catch (IOException | UncheckedIOException e) {
      return "what it said cannot be read: " + e;
    }
  }

  /** Every machine has to see the run's folder, and to have the same examples. */
  private void requireAlike(long examples) throws IOException, InterruptedException {
    try (StepGroup all = group(ZeroStage.ZERO, Offload.NONE).group(List.of())) {
      SharedFolder.require(all, folder);
      boolean same = all.fromFirst(examples) == examples;
      Optional<String> other = all.problem(same ? Optional.empty() : Optional.of("rank " + all.rank()));
      if (other.isPresent()) {
        throw new Failure(
            ExitCode.DATA,
            other.get() + " has other examples than rank 0; --data and the model's tokenizer have to be alike on all machines");
      }
    }
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
