package io.garut.train.comm.socket;

import io.garut.train.comm.Header;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.List;

/** What goes to and comes from one rank in one operation. */
final class Side {
  private final Link link;
  private final Cursor outgoing;
  private final ByteBuffer header;
  private final long sentBefore;
  private final long receivedBefore;
  private boolean sent;
  private Header announced;
  private Cursor incoming = new Cursor(List.of());

  Side(Link link, List<ByteBuffer> outgoing) {
    this.link = link;
    this.outgoing = new Cursor(outgoing);
    header = link.incoming();
    this.sentBefore = link.data().sent();
    this.receivedBefore = link.data().received();
  }

  Link link() {
    return link;
  }

  /** What the other rank has said, null if it has not yet. */
  Header announced() {
    return announced;
  }

  /** Where the next bytes go. */
  void receiveInto(List<ByteBuffer> buffers) {
    incoming = new Cursor(buffers);
  }

  boolean hasSent() {
    return sent;
  }

  /** Whether the bytes asked for so far have come. */
  boolean hasReceived() {
    return announced != null && incoming.isDone();
  }

  /** Bytes through the connection in this operation. */
  long sentBytes() {
    return link.data().sent() - sentBefore;
  }

  long receivedBytes() {
    return link.data().received() - receivedBefore;
  }

  /** What to wait for. */
  int interest() {
    return (sent ? 0 : SelectionKey.OP_WRITE) | (hasReceived() ? 0 : SelectionKey.OP_READ);
  }

  /** Sends and receives what goes now, the header at first: whether anything did. */
  boolean pump() throws IOException {
    boolean progress = false;
    if (!sent) {
      progress = !outgoing.isDone() && outgoing.write(link.data()) > 0;
      sent = outgoing.isDone() && link.data().flush();
    }
    if (announced == null) {
      progress |= require(link.data().read(new ByteBuffer[] {header}, 0, 1));
      if (!header.hasRemaining()) {
        announced = HeaderBytes.decode(header);
      }
    } else if (!incoming.isDone()) {
      progress |= require(incoming.read(link.data()));
    }
    return progress;
  }

  private static boolean require(long count) throws IOException {
    if (count < 0) {
      throw new EOFException("its connection has ended");
    }
    return count > 0;
  }
}
