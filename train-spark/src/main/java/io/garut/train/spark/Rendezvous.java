package io.garut.train.spark;

import io.garut.train.comm.Collective;
import io.garut.train.comm.MeetingPoint;
import io.garut.train.comm.Ranks;
import io.garut.train.comm.SocketSettings;
import io.garut.train.comm.Token;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How ranks find one another: each tells the others, through Spark, what is wrong with it, and rank 0 where it listens; all
 * else goes over the collectives' own sockets.
 */
final class Rendezvous {
  private static final char SEPARATOR = '\n';

  private final Place place;
  private final Settings settings;
  private final String token;

  Rendezvous(Place place, Settings settings, String token) {
    this.place = place;
    this.settings = settings;
    this.token = token;
  }

  private boolean onOneMachine() {
    return place.hosts().stream().distinct().count() == 1;
  }

  /**
   * Joins the group.
   *
   * @throws ProblemException on every rank, if one of them has a problem
   */
  Collective join(Optional<String> own) throws ProblemException {
    SocketSettings sockets = null;
    MeetingPoint meeting = null;
    Optional<String> problem = own;
    try {
      sockets = sockets();
      if (place.rank() == 0 && problem.isEmpty()) {
        meeting = Ranks.meetingPoint(place.hosts().size(), new InetSocketAddress(ownAddress(), 0), sockets);
      }
    } catch (IOException | RuntimeException e) { // the others wait to be told
      problem = problem.or(() -> Optional.of(Objects.requireNonNullElse(e.getMessage(), e.toString())));
    }
    try (MeetingPoint here = meeting) {
      String[] told = place.allGather(message(problem, here));
      for (int rank = 0; rank < told.length; rank++) {
        String[] parts = told[rank].split(String.valueOf(SEPARATOR), -1);
        if (!parts[0].isEmpty()) {
          throw new ProblemException("rank " + rank + " on " + place.hosts().get(rank) + ": " + parts[0]);
        }
      }
      return here != null
          ? here.join()
          : Ranks.sockets(place.rank(), place.hosts().size(), address(told[0].substring(1)), sockets);
    }
  }

  private InetAddress ownAddress() throws IOException {
    return onOneMachine() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(place.hosts().get(place.rank()));
  }

  private SocketSettings sockets() throws IOException {
    Duration deadline = Duration.ofMillis(settings.deadlineMillis);
    SocketSettings sockets = SocketSettings.with(Token.of(token)).deadline(deadline).joinDeadline(deadline);
    if (onOneMachine()) {
      return sockets;
    }
    if (settings.tls != null) {
      return sockets.tls(settings.tls.context());
    }
    if (settings.plainBetweenMachines) {
      return sockets.allowPlainBetweenMachines();
    }
    throw new IOException(
        "the ranks are on several machines (" + String.join(", ", place.hosts().stream().distinct().toList())
            + ") and have no keys to encrypt what they send: name some with tls, or say allowPlainBetweenMachines if nobody"
            + " else can listen on that network");
  }

  /** What is wrong, and on rank 0 where it listens. */
  private static String message(Optional<String> problem, MeetingPoint meeting) {
    String line = problem.map(text -> text.replace(SEPARATOR, ' ')).orElse("") + SEPARATOR;
    return meeting != null && meeting.address() instanceof InetSocketAddress address
        ? line + address.getHostString() + ":" + address.getPort()
        : line;
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
