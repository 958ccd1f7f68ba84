package io.garut.train.comm.socket;

import io.garut.train.comm.CommunicationException;
import io.garut.train.comm.Messages;
import io.garut.train.comm.SocketSettings;
import io.garut.train.comm.Transport;
import io.garut.train.comm.socket.Hello.Purpose;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How ranks find one another. Rank 0 listens where all know; the others call it, and say where they listen themselves.
 * When all have, rank 0 tells everyone the list, and each rank calls those below it, twice: for pieces, and for its last
 * word. Then nobody listens any more.
 */
public final class Meeting implements AutoCloseable {
  private static final long PAUSE_MILLIS = 20;

  private final int rank;
  private final int size;
  private final SocketSettings settings;
  private final SocketAddress meetingPoint;
  private final Arrivals arrivals;
  private final List<Map<Purpose, Wire>> called = new ArrayList<>(); // by rank, those below this one
  private final long attempt = new SecureRandom().nextLong();
  private Listener listener; // null until it is known where
  private SocketAddress advertised;
  private Path folder; // made here, null for none
  private long start;

  private Meeting(int rank, int size, SocketAddress meetingPoint, SocketSettings settings) {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank " + rank + " of " + size);
    }
    this.rank = rank;
    this.size = size;
    this.settings = settings;
    this.meetingPoint = meetingPoint;
    if (rank > 0) {
      requireSafe(meetingPoint);
    }
    arrivals = new Arrivals(rank, size);
    IntStream.range(0, rank).forEach(_ -> called.add(new EnumMap<>(Purpose.class)));
  }

  /** Listens as rank 0; {@link #join} then waits for the others. */
  public static Meeting open(int size, SocketAddress meetingPoint, SocketSettings settings) {
    Meeting meeting = new Meeting(0, size, meetingPoint, settings);
    meeting.listen(settings.listen().orElse(meetingPoint));
    return meeting;
  }

  /** Joins as any rank. */
  public static Transport join(int rank, int size, SocketAddress meetingPoint, SocketSettings settings) {
    try (Meeting meeting =
        rank == 0 ? open(size, meetingPoint, settings) : new Meeting(rank, size, meetingPoint, settings)) {
      return meeting.join();
    }
  }

  /** Where rank 0 listens: with the port that the system chose, if it was to. */
  public SocketAddress address() {
    return advertised;
  }

  private void listen(SocketAddress at) {
    requireSafe(at);
    try {
      if (at instanceof UnixDomainSocketAddress file) {
        folder = Folders.own(file.getPath().toAbsolutePath().getParent());
      }
      listener = new Listener(at, settings, arrivals);
      advertised = settings.advertise().isPresent() ? settings.advertise().get() : listener.address();
    } catch (IOException e) {
      throw failed(rank, e.getMessage(), e);
    }
  }

  private void requireSafe(SocketAddress address) {
    if (settings.tls().isEmpty() && !settings.plainBetweenMachines() && !Addresses.isLocal(address)) {
      throw new IllegalArgumentException(
          "ranks at " + Addresses.text(address) + " are reached over a network: give SocketSettings.tls, or say "
              + "allowPlainBetweenMachines if nobody else can listen there");
    }
  }

  /**
   * Waits for the others.
   *
   * @throws CommunicationException naming who has not come
   */
  public Transport join() {
    start = System.nanoTime();
    List<Link> links = new ArrayList<>();
    try {
      if (rank > 0) {
        meet();
      }
      awaitHigherRanks();
      if (rank == 0) {
        tell("", -1, IntStream.range(1, size).mapToObj(arrivals::address).toList());
      }
      for (int other = 0; other < size; other++) {
        Map<Purpose, Wire> wires = other < rank ? called.get(other) : arrivals.wires(other);
        if (other != rank) {
          links.add(new Link(other, wires.get(Purpose.DATA), wires.get(Purpose.CONTROL)));
        }
      }
      Path madeHere = folder;
      folder = null; // the group's from now on
      return new SocketTransport(rank, links, settings.deadline().toNanos(), () -> Folders.remove(madeHere));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw givenUp(failed(rank, "rank " + rank + " was interrupted while it joined", e));
    } catch (CommunicationException e) {
      throw givenUp(e);
    } catch (IOException | RuntimeException e) {
      throw givenUp(failed(rank, "rank " + rank + " cannot join: " + e, e));
    }
  }

  private void meet() throws IOException, InterruptedException {
    SocketAddress zero = meetingPoint;
    called.get(0).put(Purpose.CONTROL, call(0, zero, Purpose.CONTROL));
    called.get(0).put(Purpose.DATA, call(0, zero, Purpose.DATA));
    List<String> addresses = hearOfOthers();
    for (int other = 1; other < rank; other++) {
      SocketAddress address = Addresses.parse(addresses.get(other - 1));
      requireSafe(address);
      for (Purpose purpose : Purpose.values()) {
        called.get(other).put(purpose, call(other, address, purpose));
      }
    }
  }

  private Wire call(int other, SocketAddress address, Purpose purpose) throws InterruptedException {
    while (true) {
      try {
        SocketAddress again = Addresses.parse(Addresses.text(address)); // a name may mean another address by now
        return Calls.call(
            again, settings, local -> new Hello(rank, other, size, attempt, purpose, Addresses.text(listenNear(local))));
      } catch (Calls.RefusedException e) {
        throw failed(rank, "rank " + rank + " is not wanted by rank " + other + ": " + e.getMessage(), e);
      } catch (IOException e) {
        if (leftNanos() <= 0) {
          throw failed(
              other,
              "rank " + rank + " cannot reach rank " + other + " at " + Addresses.text(address) + " within "
                  + Messages.text(settings.joinDeadline().toNanos()) + ": " + e.getMessage()
                  + "; is it running, and with the same token and kind of encryption?",
              e);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** Where this rank listens: unless told, beside the Unix socket of rank 0, or on the address that reaches rank 0. */
  private SocketAddress listenNear(SocketAddress local) {
    if (listener == null) {
      listen(settings.listen().orElseGet(() -> switch (meetingPoint) {
        case UnixDomainSocketAddress zero ->
            UnixDomainSocketAddress.of(zero.getPath().resolveSibling(zero.getPath().getFileName() + "." + rank));
        default -> new InetSocketAddress(((InetSocketAddress) local).getAddress(), 0);
      }));
      if (advertised instanceof InetSocketAddress any && any.getAddress() != null
          && any.getAddress().isAnyLocalAddress() && local instanceof InetSocketAddress here) {
        InetAddress reached = here.getAddress();
        advertised = new InetSocketAddress(reached, any.getPort());
      }
    }
    return advertised;
  }

  private List<String> hearOfOthers() throws IOException {
    Wire wire = called.get(0).get(Purpose.CONTROL);
    try (Conversation conversation = new Conversation(wire, Math.max(1, leftNanos()));
        DataInputStream message = conversation.receiveMessage()) {
      String failure = message.readUTF();
      int missing = message.readInt();
      if (!failure.isEmpty()) {
        throw failed(missing, failure, null);
      }
      List<String> addresses = new ArrayList<>();
      for (int other = 1; other < size; other++) {
        addresses.add(message.readUTF());
      }
      return addresses;
    } catch (IOException e) {
      throw failed(0, "rank " + rank + " has met rank 0, but was not told of the others: " + e.getMessage(), e);
    }
  }

  private void awaitHigherRanks() throws InterruptedException {
    int[] missing = arrivals.await(leftNanos());
    if (missing.length > 0) {
      throw failed(
          missing[0],
          Messages.names(missing) + (missing.length == 1 ? " has" : " have") + " not joined rank " + rank + " within "
              + Messages.text(settings.joinDeadline().toNanos()) + ": is each running, and with the same token?",
          null);
    }
  }

  /** Rank 0 tells all that have come where the others are, or why there is no group. */
  private void tell(String failure, int missing, List<String> addresses) throws IOException {
    for (int other = 1; other < size; other++) {
      Wire wire = arrivals.wires(other).get(Purpose.CONTROL);
      if (wire != null) {
        try (Conversation conversation = new Conversation(wire, settings.proofDeadline().toNanos())) {
          conversation.sendMessage(out -> {
            out.writeUTF(failure);
            out.writeInt(missing);
            for (String address : addresses) {
              out.writeUTF(address);
            }
          });
        }
      }
    }
  }

  private CommunicationException givenUp(CommunicationException failure) {
    try {
      if (rank == 0) {
        tell(failure.getMessage(), failure.rank(), List.of());
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    List<Wire> wires = new ArrayList<>();
    called.forEach(pair -> wires.addAll(pair.values()));
    IntStream.range(rank + 1, size).forEach(other -> wires.addAll(arrivals.wires(other).values()));
    for (Wire wire : wires) {
      try {
        wire.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
    return failure;
  }

  private long leftNanos() {
    return start + settings.joinDeadline().toNanos() - System.nanoTime();
  }

  private static CommunicationException failed(int rank, String message, Throwable cause) {
    return new CommunicationException(rank, message, cause);
  }

  /** Listens no longer. */
  @Override
  public void close() {
    try {
      if (listener != null) {
        listener.close();
      }
      Folders.remove(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop to listen at " + advertised, e);
    }
  }
}
