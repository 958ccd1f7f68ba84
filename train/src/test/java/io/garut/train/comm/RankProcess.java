package io.garut.train.comm;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** A rank that is a process: adds up with the others until it cannot, and says why. */
final class RankProcess {
  static final int ELEMENTS = 100_003;

  private RankProcess() {}

  /** Starts rank {@code rank} of {@code size}; its output is to be read. */
  static Process start(int rank, int size, UnixDomainSocketAddress at) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), RankProcess.class.getName(),
            Integer.toString(rank), Integer.toString(size), at.getPath().toString())
        .redirectErrorStream(true)
        .start();
  }

  /** The sum of round {@code round}, which is the same on all ranks. */
  static Piece sum(Collective rank, int round) {
    Piece data = Pieces.random(round * 10L + rank.rank(), ELEMENTS);
    rank.allReduce("round " + round, data, data);
    return data;
  }

  /** A rank, its group's size, and where they meet. */
  public static void main(String[] args) {
    UnixDomainSocketAddress at = UnixDomainSocketAddress.of(args[2]);
    try (Collective rank =
        Ranks.sockets(
            Integer.parseInt(args[0]), Integer.parseInt(args[1]), at, Sockets.settings(Duration.ofSeconds(60)))) {
      for (int round = 0; true; round++) {
        sum(rank, round);
      }
    } catch (CommunicationException e) {
      System.out.println("rank " + e.rank() + ", " + e.operation().orElseThrow() + ": " + e.getMessage());
    }
  }
}
