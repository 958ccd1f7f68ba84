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
   * @param note what rank 0 tells the others, without line breaks
   * @throws ProblemException on every rank, if one of them has a problem
   */
  Joined join(String note, Optional<String> own) throws ProblemException {
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
      String[] told = place.allGather(message(problem, here, note));
      for (int rank = 0; rank < told.length; rank++) {
        String[] parts = told[rank].split(String.valueOf(SEPARATOR), -1);
        if (!parts[0].isEmpty()) {
          throw new ProblemException("rank " + rank + " on " + place.hosts().get(rank) + ": " + parts[0]);
        }
      }
      String[] first = told[0].split(String.valueOf(SEPARATOR), -1);
      Collective all = here != null
          ? here.join()
          : Ranks.sockets(place.rank(), place.hosts().size(), address(first[1]), sockets);
      return new Joined(all, first[2]);
    }
  }

  /**
   * A group that has met.
   *
   * @param note what rank 0 had to tell
   */
  record Joined(Collective collective, String note) {}

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

  private static String message(Optional<String> problem, MeetingPoint meeting, String note) {
    String line = problem.map(text -> text.replace(SEPARATOR, ' ')).orElse("");
    if (meeting == null) {
      return line + SEPARATOR + SEPARATOR + note;
    }
    InetSocketAddress address = (InetSocketAddress) meeting.address();
    return line + SEPARATOR + address.getHostString() + ":" + address.getPort() + SEPARATOR + note;
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
