package io.garut.train.comm;

import io.garut.train.comm.socket.Meeting;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Makes groups of ranks. */
public final class Ranks {
  /** How long an operation waits, unless told otherwise. */
  public static final Duration DEADLINE = Duration.ofSeconds(60);

  private Ranks() {}

  /**
   * A group whose ranks are threads of this process: element {@code i} is for the thread that is to be rank {@code i}.
   *
   * @param deadline how long an operation waits for others; clocks that jump do not matter
   */
  public static List<Collective> threads(int size, Duration deadline) {
    if (size < 1) {
      throw new IllegalArgumentException("a group of " + size + " ranks");
    }
    return ThreadTransport.group(size, deadline.toNanos()).stream().map(Ranks::over).toList();
  }

  /** {@link #threads(int, Duration)} with the usual deadline. */
  public static List<Collective> threads(int size) {
    return threads(size, DEADLINE);
  }

  /**
   * Joins a group of processes, on one machine or several. Rank 0 listens at {@code meetingPoint}; the others try to
   * reach it until the deadline for joining.
   *
   * @param meetingPoint a Unix socket, in a folder that rank 0 makes or that is its owner's only, or an address of rank 0
   * @throws CommunicationException naming the rank that has not come, or cannot be reached
   * @throws IllegalArgumentException if the others are on other machines, and there is neither TLS nor the permission to
   *     do without
   */
  public static Collective sockets(int rank, int size, SocketAddress meetingPoint, SocketSettings settings) {
    return over(Meeting.join(rank, size, meetingPoint, settings));
  }

  /**
   * Joins a group of processes as rank 0, in two steps: the others can be told the address before all have joined.
   *
   * @param at where to listen; at port 0 the system chooses one
   */
  public static MeetingPoint meetingPoint(int size, SocketAddress at, SocketSettings settings) {
    return new MeetingPoint(Meeting.open(size, at, settings));
  }

  /** The address of a Unix socket in a folder that is not there yet, among the temporary files. */
  public static UnixDomainSocketAddress freshUnixAddress() {
    String name = "garut-" + Token.randomText().substring(0, 16);
    return UnixDomainSocketAddress.of(Path.of(System.getProperty("java.io.tmpdir"), name, "rank0"));
  }

  /** The operations over any transport. */
  public static Collective over(Transport transport) {
    return new RankCollective(transport);
  }
}
