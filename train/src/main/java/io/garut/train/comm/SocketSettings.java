package io.garut.train.comm;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How ranks meet over sockets. All ranks of a group have the same token, deadlines, and kind of encryption.
 *
 * @param token what all ranks know and no stranger does
 * @param deadline how long an operation waits for others
 * @param joinDeadline how long the group waits for all to join
 * @param proofDeadline how long a connection may take to prove that it belongs to a rank
 * @param tls encryption; needed between machines, unless {@code plainBetweenMachines}. Unix sockets and loopback do
 *     without it, unless it is given
 * @param plainBetweenMachines whether what is sent between machines may be read and changed on its way
 * @param listen where this rank listens, if not where it meets rank 0; for rank 0, if not at the meeting point
 * @param advertise where the others reach it, if not where it listens (behind a translator of addresses, or a proxy)
 */
public record SocketSettings(
    Token token,
    Duration deadline,
    Duration joinDeadline,
    Duration proofDeadline,
    Optional<SSLContext> tls,
    boolean plainBetweenMachines,
    Optional<SocketAddress> listen,
    Optional<SocketAddress> advertise) {
  /** The usual deadlines; no encryption, which serves one machine only. */
  public static SocketSettings with(Token token) {
    Duration deadline = Ranks.DEADLINE;
    return new SocketSettings(
        token, deadline, deadline, Duration.ofSeconds(10), Optional.empty(), false, Optional.empty(), Optional.empty());
  }

  /** With another deadline of operations. */
  public SocketSettings deadline(Duration value) {
    return new SocketSettings(
        token, value, joinDeadline, proofDeadline, tls, plainBetweenMachines, listen, advertise);
  }

  /** With another deadline for joining. */
  public SocketSettings joinDeadline(Duration value) {
    return new SocketSettings(token, deadline, value, proofDeadline, tls, plainBetweenMachines, listen, advertise);
  }

  /** With another deadline for a connection's proof. */
  public SocketSettings proofDeadline(Duration value) {
    return new SocketSettings(token, deadline, joinDeadline, value, tls, plainBetweenMachines, listen, advertise);
  }

  /** With TLS 1.3 that asks both sides for a certificate, as from {@link Tls#context}. */
  public SocketSettings tls(SSLContext value) {
    return new SocketSettings(
        token, deadline, joinDeadline, proofDeadline, Optional.of(value), plainBetweenMachines, listen, advertise);
  }

  /** Without encryption even between machines: for networks where nobody else listens. */
  public SocketSettings allowPlainBetweenMachines() {
    return new SocketSettings(token, deadline, joinDeadline, proofDeadline, Optional.empty(), true, listen, advertise);
  }

  /** With another place to listen at. */
  public SocketSettings listen(SocketAddress value) {
    return new SocketSettings(
        token, deadline, joinDeadline, proofDeadline, tls, plainBetweenMachines, Optional.of(value), advertise);
  }

  /** With another address that the others are told. */
  public SocketSettings advertise(SocketAddress value) {
    return new SocketSettings(
        token, deadline, joinDeadline, proofDeadline, tls, plainBetweenMachines, listen, Optional.of(value));
  }
}
