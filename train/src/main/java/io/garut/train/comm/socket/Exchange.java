package io.garut.train.comm.socket;

import io.garut.train.comm.Call;
import io.garut.train.comm.Call.Delivery;
import io.garut.train.comm.CommunicationException;
import io.garut.train.comm.Header;
import io.garut.train.comm.Messages;
import io.garut.train.comm.Piece;
import io.garut.train.comm.Transport.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/** One operation with all other ranks at once. */
final class Exchange {
  private final Call call;
  private final int rank;
  private final Rounds rounds; // null where nothing is added up
  private final List<Side> sides = new ArrayList<>();
  private final BitSet present = new BitSet();
  private final BitSet heard = new BitSet();
  private final List<Runnable> afterwards = new ArrayList<>();
  private long sent;
  private long received;

  Exchange(Call call, int rank, List<Link> links, Rounds rounds) {
    this.call = call;
    this.rank = rank;
    for (Link link : links) {
      Piece piece = call.send().get(link.rank());
      List<ByteBuffer> outgoing = new ArrayList<>();
      outgoing.add(HeaderBytes.encode(call.announced(link.rank()), link.outgoing()));
      outgoing.addAll(Views.of(piece));
      sides.add(new Side(link, outgoing));
      sent += piece.bytes();
    }
    if (call.delivery() instanceof Delivery.Summed summed) {
      rounds.begin(call.send().get(rank), summed.sum());
      this.rounds = rounds;
    } else {
      this.rounds = null;
    }
  }

  List<Side> sides() {
    return sides;
  }

  boolean isDone() {
    return sides.stream().allMatch(side -> side.hasSent() && side.hasReceived()) && (rounds == null || rounds.isDone());
  }

  /** Sends and receives what goes now with a rank: whether anything did. */
  boolean pump(Side side) throws IOException {
    boolean progress = side.pump();
    int sender = side.link().rank();
    if (side.announced() != null && !heard.get(sender)) {
      heard.set(sender);
      hear(side, sender);
    }
    return progress;
  }

  private void hear(Side side, int sender) {
    Header announced = side.announced();
    Header.conflict(rank, call.announced(sender), sender, announced).ifPresent(text -> {
      throw call.failure(sender, text);
    });
    if (!announced.sends().isAbsent()) {
      present.set(sender);
      received += announced.sends().bytes();
      side.receiveInto(rounds == null ? Views.of(call.received(sender), afterwards) : rounds.of(sender));
    }
  }

  /** Adds up what has come from all: whether it had. */
  boolean add() {
    if (rounds == null || rounds.isDone() || !sides.stream().allMatch(Side::hasReceived)) {
      return false;
    }
    rounds.add(present);
    if (!rounds.isDone()) {
      sides.stream()
          .filter(side -> present.get(side.link().rank()))
          .forEach(side -> side.receiveInto(rounds.of(side.link().rank())));
    }
    return true;
  }

  Outcome finish(long waited) {
    afterwards.forEach(Runnable::run);
    long wireSent = sides.stream().mapToLong(Side::sentBytes).sum();
    long wireReceived = sides.stream().mapToLong(Side::receivedBytes).sum();
    return new Outcome(present, sent, received, wireSent - sent, wireReceived - received, waited);
  }

  /** That the others have taken too long. */
  CommunicationException late(long deadlineNanos) {
    Predicate<Side> missing = side -> side.announced() == null;
    String lateness = "has not come to";
    if (sides.stream().noneMatch(missing)) {
      missing = side -> !side.hasReceived();
      lateness = "has not sent all of its piece in";
    }
    if (sides.stream().noneMatch(missing)) {
      missing = side -> !side.hasSent();
      lateness = "has not taken all of its piece in";
    }
    int[] ranks = sides.stream().filter(missing).mapToInt(side -> side.link().rank()).toArray();
    return call.failure(
        ranks.length == 0 ? rank : ranks[0],
        ranks.length == 0 ? "rank " + rank + " was too slow in " + call : Messages.late(ranks, lateness, call, deadlineNanos));
  }
}
