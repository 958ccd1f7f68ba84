package io.garut.train.comm.socket;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The two connections to a rank. */
final class Link {
  private final int rank;
  private final Wire data;
  private final Wire control;
  private final ByteBuffer word = ByteBuffer.allocateDirect(Farewell.LENGTH);
  private final ByteBuffer outgoing = ByteBuffer.allocateDirect(HeaderBytes.LENGTH);
  private final ByteBuffer incoming = ByteBuffer.allocateDirect(HeaderBytes.LENGTH);
  private Farewell farewell;

  Link(int rank, Wire data, Wire control) {
    this.rank = rank;
    this.data = data;
    this.control = control;
  }

  int rank() {
    return rank;
  }

  Wire data() {
    return data;
  }

  Wire control() {
    return control;
  }

  /** For the header of the operation that goes on. */
  ByteBuffer outgoing() {
    return outgoing.clear();
  }

  /** For the other rank's header. */
  ByteBuffer incoming() {
    return incoming.clear();
  }

  /**
   * What the rank has said about leaving, if it has.
   *
   * @throws IOException if it has left without a word
   */
  Optional<Farewell> farewell() throws IOException {
    if (farewell == null) {
      if (control.read(new ByteBuffer[] {word}, 0, 1) < 0) {
        throw new EOFException("its connection has ended");
      }
      if (!word.hasRemaining()) {
        farewell = Farewell.decode(word);
      }
    }
    return Optional.ofNullable(farewell);
  }

  /** Says why this rank leaves, as far as the other is still there, and leaves. */
  void leave(Farewell last) {
    try (data;
        control) {
      control.write(new ByteBuffer[] {last.encode()}, 0, 1);
      control.flush();
    } catch (IOException e) {
      // The other has gone already, which is no news for it; whom this rank lost is what it leaves for.
    }
  }
}
