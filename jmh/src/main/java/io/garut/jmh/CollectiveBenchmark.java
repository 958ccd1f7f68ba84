package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Collective;
import io.garut.train.comm.MeetingPoint;
import io.garut.train.comm.Pending;
import io.garut.train.comm.Piece;
import io.garut.train.comm.Ranks;
import io.garut.train.comm.SocketSettings;
import io.garut.train.comm.Tls;
import io.garut.train.comm.Token;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Two ranks, each on a thread, over each transport. A rate counts the bytes of pieces that a rank sends and those that
 * it receives, which are as many and go on at once.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsPrepend = {OnBackend.VECTORS, OnBackend.NATIVE, OnBackend.COMPILER, OnBackend.COLLECTOR})
public class CollectiveBenchmark {
  private static final int RANKS = 2;

  /** {@code threads}, or sockets: {@code unix}, {@code tcp} and {@code tls} over loopback. */
  @Param({"threads", "unix", "tcp", "tls"})
  public String transport;

  /** F32 elements of the whole: 16 MB. */
  @Param("4000000")
  public int size;

  private final Arena arena = Arena.ofShared();
  private Collective first;
  private AsyncCollective second;
  private List<Piece> whole; // of the first rank
  private List<Piece> wholeOfSecond;
  private Piece sum;
  private Piece sumOfSecond;

  /** For JMH. */
  public CollectiveBenchmark() {}

  /** The ranks meet. */
  @Setup(Level.Trial)
  public void open() throws IOException, InterruptedException {
    List<Collective> group = group();
    first = group.get(0);
    second = new AsyncCollective(group.get(1), 1);
    whole = List.of(piece(), piece());
    wholeOfSecond = List.of(piece(), piece());
    sum = piece();
    sumOfSecond = piece();
  }

  private Piece piece() {
    return Piece.of(DType.F32, arena.allocate((long) size / RANKS * Float.BYTES, 64));
  }

  private List<Collective> group() throws IOException, InterruptedException {
    SocketSettings plain = SocketSettings.with(Token.of(Token.randomText()));
    SocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return switch (transport) {
      case "threads" -> Ranks.threads(RANKS);
      case "unix" -> sockets(Ranks.freshUnixAddress(), plain);
      case "tcp" -> sockets(loopback, plain);
      case "tls" -> sockets(loopback, plain.tls(certificates()));
      default -> throw new IllegalArgumentException("no transport '" + transport + "'");
    };
  }

  private static List<Collective> sockets(SocketAddress at, SocketSettings settings) {
    try (MeetingPoint meeting = Ranks.meetingPoint(RANKS, at, settings)) {
      CompletableFuture<Collective> other =
          CompletableFuture.supplyAsync(() -> Ranks.sockets(1, RANKS, meeting.address(), settings));
      return List.of(meeting.join(), other.join());
    }
  }

  /** A certificate that trusts itself, by the JDK's tool. */
  private static SSLContext certificates() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("garut-benchmark");
    Path store = folder.resolve("rank.p12");
    String password = "of a benchmark";
    try {
      new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "rank",
              "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=rank", "-validity", "2", "-storetype", "PKCS12",
              "-keystore", store.toString(), "-storepass", password)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
      return Tls.context(store, password.toCharArray(), store, password.toCharArray());
    } finally {
      Files.deleteIfExists(store);
      Files.delete(folder);
    }
  }

  /** Frees it all. */
  @TearDown(Level.Trial)
  public void close() {
    first.close();
    second.close();
    arena.close();
  }

  /** Each rank gets the other's half. */
  @Benchmark
  public void allGather(Rates.Bytes rate) {
    Pending<Void> other = second.execute(rank -> rank.allGather("weights", wholeOfSecond.get(1), wholeOfSecond));
    first.allGather("weights", whole.get(0), whole);
    other.await();
    rate.add(2 * whole.get(0).bytes());
  }

  /** Each rank gets the sum of its half. */
  @Benchmark
  public void reduceScatter(Rates.Bytes rate) {
    Pending<Void> other = second.execute(rank -> rank.reduceScatter("gradients", wholeOfSecond, sumOfSecond));
    first.reduceScatter("gradients", whole, sum);
    other.await();
    rate.add(2 * sum.bytes());
  }
}
