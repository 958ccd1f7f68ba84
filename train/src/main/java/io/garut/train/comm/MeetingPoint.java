package io.garut.train.comm;

import io.garut.train.comm.socket.Meeting;
import java.net.SocketAddress;

/** Where rank 0 waits for the others; made by {@link Ranks#meetingPoint}. */
public final class MeetingPoint implements AutoCloseable {
  private final Meeting meeting;

  MeetingPoint(Meeting meeting) {
    this.meeting = meeting;
  }

  /** What the others have to be told: the address, with the port. */
  public SocketAddress address() {
    return meeting.address();
  }

  /**
   * Waits until all have joined; called once.
   *
   * @throws CommunicationException naming those that have not
   */
  public Collective join() {
    try (meeting) {
      return Ranks.over(meeting.join());
    }
  }

  /** Listens no longer. A group that has been joined stays. */
  @Override
  public void close() {
    meeting.close();
  }
}
