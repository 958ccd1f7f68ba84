package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes in, and who learns nothing. */
class JoiningTest {
  private static final SocketSettings SETTINGS =
      Sockets.settings(Together.GENEROUS).proofDeadline(Duration.ofSeconds(30));
  private static final SocketSettings IMPATIENT = SETTINGS.joinDeadline(Together.SHORT);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    threads.shutdownNow();
  }

  private MeetingPoint meetingPoint(int size, SocketSettings settings) {
    MeetingPoint meeting = Ranks.meetingPoint(size, Sockets.loopback(), settings);
    opened.add(meeting);
    return meeting;
  }

  private Socket stranger(MeetingPoint meeting) throws IOException {
    InetSocketAddress address = (InetSocketAddress) meeting.address();
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout((int) Together.GENEROUS.toMillis());
    opened.add(socket);
    return socket;
  }

  /** The two ranks of a group that has come about in spite of everything. */
  private void assertComesAbout(MeetingPoint meeting, SocketSettings settings) throws Exception {
    Future<Collective> first = threads.submit(meeting::join);
    Future<Collective> second = threads.submit(() -> Ranks.sockets(1, 2, meeting.address(), settings));
    List<Collective> group = List.of(first.get(), second.get());
    opened.addAll(group);
    Together.succeed(group, rank -> rank.barrier("start"));
  }

  @Test
  void strangersLearnNothingAndKeepNobodyOut() throws Exception {
    MeetingPoint meeting = meetingPoint(2, SETTINGS);
    Socket silent = stranger(meeting);
    Socket guessing = stranger(meeting);
    Socket garbage = stranger(meeting);
    Socket half = stranger(meeting);
    Socket leaving = stranger(meeting);
    byte[] challenge = guessing.getInputStream().readNBytes(32);
    byte[] nonce = new byte[32];
    guessing.getOutputStream().write(nonce);
    byte[] label = Sockets.ascii("garut rank that calls");
    guessing.getOutputStream().write(Token.of("a token from elsewhere").sign(label, challenge, nonce));
    garbage.getOutputStream().write(Sockets.ascii("GET / HTTP/1.1\r\nHost: " + "of a browser that is lost. ".repeat(9)));
    half.getOutputStream().write(new byte[40]);
    leaving.close();

    // All that is ever said to them is 32 random bytes; who has said something wrong is dropped at once.
    assertThat(guessing.getInputStream().read()).isEqualTo(-1);
    assertThat(drain(garbage)).isLessThanOrEqualTo(32);
    assertThat(silent.getInputStream().readNBytes(32)).isNotEqualTo(challenge);
    assertThat(half.getInputStream().readNBytes(32)).hasSize(32);
    assertThat(half.getInputStream().available()).isZero();

    assertComesAbout(meeting, SETTINGS);
    // Those that still wait are let go with the end of the meeting.
    assertThat(drain(silent)).isZero();
    assertThat(drain(half)).isZero();
  }

  @Test
  void whoSaysNothingIsDroppedAfterTheDeadline() throws Exception {
    MeetingPoint meeting = meetingPoint(2, SETTINGS.proofDeadline(Duration.ofMillis(200)));
    Socket silent = stranger(meeting);
    long start = System.nanoTime();

    assertThat(drain(silent)).isEqualTo(32);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(150), Together.GENEROUS);
  }

  @Test
  void manySilentConnectionsKeepNobodyOut() throws Exception {
    MeetingPoint meeting = meetingPoint(2, SETTINGS);
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      silent.add(stranger(meeting));
    }

    assertComesAbout(meeting, SETTINGS);
    for (Socket socket : silent) {
      assertThat(drain(socket)).isLessThanOrEqualTo(32);
    }
  }

  /** How much is said until the connection ends. */
  private static int drain(Socket socket) throws IOException {
    try (InputStream in = socket.getInputStream()) {
      return in.readAllBytes().length;
    } catch (java.net.SocketException e) {
      return 0; // reset, with what was said before unread
    }
  }

  @Test
  void aRankWithAnotherTokenIsNotLetIn() throws Exception {
    MeetingPoint meeting = meetingPoint(2, SETTINGS);
    SocketSettings other = SocketSettings.with(Token.of(Token.randomText())).joinDeadline(Together.SHORT);

    assertThatThrownBy(() -> Ranks.sockets(1, 2, meeting.address(), other))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("rank 1 cannot reach rank 0 at ")
        .hasMessageContaining("within 300 ms")
        .hasMessageContaining("the same token");
    assertComesAbout(meeting, SETTINGS);
  }

  @Test
  void aMeetingPointWithAnotherTokenIsNotJoined() {
    MeetingPoint meeting = meetingPoint(2, SocketSettings.with(Token.of(Token.randomText())));

    assertThatThrownBy(() -> Ranks.sockets(1, 2, meeting.address(), IMPATIENT))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("rank 1 cannot reach rank 0");
  }

  @Test
  void aCertificateThatNobodyTrustsIsNotLetIn() throws Exception {
    SSLContext tls = Keys.context();
    SocketSettings strange = IMPATIENT.joinDeadline(Duration.ofSeconds(1)).tls(Keys.strangers());
    MeetingPoint meeting = meetingPoint(2, SETTINGS.tls(tls));

    assertThatThrownBy(() -> Ranks.sockets(1, 2, meeting.address(), strange))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("rank 1 cannot reach rank 0");
    assertThatThrownBy(() -> Ranks.sockets(1, 2, meeting.address(), IMPATIENT))
        .as("a rank without encryption")
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("kind of encryption");
    assertComesAbout(meeting, SETTINGS.tls(tls));
  }

  @Test
  void betweenMachinesThereIsTlsUnlessToldOtherwise() {
    SocketAddress elsewhere = new InetSocketAddress("192.0.2.1", 4711); // for documentation: RFC 5737
    SocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);

    assertThatThrownBy(() -> Ranks.sockets(1, 2, elsewhere, IMPATIENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("192.0.2.1:4711")
        .hasMessageContaining("SocketSettings.tls");
    assertThatThrownBy(() -> Ranks.meetingPoint(2, everywhere, IMPATIENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SocketSettings.tls");
    Ranks.meetingPoint(2, everywhere, IMPATIENT.allowPlainBetweenMachines()).close();
  }

  @Test
  void whoeverHasNotJoinedIsNamedToAllThatHave() {
    MeetingPoint meeting = meetingPoint(4, IMPATIENT.joinDeadline(Duration.ofMillis(700)));
    Future<Collective> zero = threads.submit(meeting::join);
    Future<Collective> two = threads.submit(() -> Ranks.sockets(2, 4, meeting.address(), SETTINGS));

    assertThatThrownBy(zero::get)
        .hasCauseInstanceOf(CommunicationException.class)
        .hasMessageContaining("ranks 1, 3 have not joined rank 0 within 700 ms");
    assertThatThrownBy(two::get)
        .hasCauseInstanceOf(CommunicationException.class)
        .hasMessageContaining("ranks 1, 3 have not joined rank 0");
  }

  @Test
  void aGroupOfAnotherSizeAndARankThatIsThereAreRefusedAtOnce() throws Exception {
    MeetingPoint meeting = meetingPoint(3, SETTINGS);
    assertThatThrownBy(() -> Ranks.sockets(1, 4, meeting.address(), SETTINGS))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("rank 1 believes in 4 ranks, rank 0 in 3");

    Future<Collective> zero = threads.submit(meeting::join);
    Future<Collective> one = threads.submit(() -> Ranks.sockets(1, 3, meeting.address(), SETTINGS));
    Future<Collective> again = threads.submit(() -> Ranks.sockets(1, 3, meeting.address(), SETTINGS));
    while (!one.isDone() && !again.isDone()) { // whichever is second
      Thread.sleep(5);
    }
    Future<Collective> second = one.isDone() ? one : again;
    assertThatThrownBy(second::get).hasMessageContaining("there is a rank 1 already");

    opened.add(Ranks.sockets(2, 3, meeting.address(), SETTINGS));
    opened.add(zero.get());
    opened.add((second == one ? again : one).get());
  }

  @Test
  void ranksThatComeEarlyWaitForRankZero() throws Exception {
    UnixDomainSocketAddress at = Ranks.freshUnixAddress();
    Future<Collective> one = threads.submit(() -> Ranks.sockets(1, 2, at, SETTINGS));
    Thread.sleep(50);
    assertThat(one.isDone()).isFalse();
    List<Collective> group = List.of(Ranks.sockets(0, 2, at, SETTINGS), one.get());
    opened.addAll(group);
    Together.succeed(group, rank -> rank.barrier("start"));
  }

  @Test
  void anInterruptEndsTheWaitForOthers() throws Exception {
    MeetingPoint meeting = meetingPoint(2, SETTINGS);
    Future<?> ended = threads.submit(() -> {
      Thread.currentThread().interrupt();
      assertThatThrownBy(meeting::join)
          .isInstanceOf(CommunicationException.class)
          .hasMessageContaining("rank 0 was interrupted");
      assertThat(Thread.interrupted()).isTrue();
    });
    ended.get();
  }

  @Test
  void unixSocketsAreTheirOwnersOnly() throws Exception {
    UnixDomainSocketAddress at = Ranks.freshUnixAddress();
    Path folder = at.getPath().getParent();
    try (MeetingPoint meeting = Ranks.meetingPoint(2, at, SETTINGS)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))).isEqualTo("rwx------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(at.getPath()))).isEqualTo("rw-------");
      assertComesAbout(meeting, SETTINGS);
    }
    try (var left = Files.list(folder)) {
      assertThat(left).as("sockets of a group that has met").isEmpty();
    }
    assertThatThrownBy(() -> SocketChannel.open(at)).as("nobody listens any more").isInstanceOf(IOException.class);
    opened.getLast().close();
    opened.get(opened.size() - 2).close();
    assertThat(folder).doesNotExist();
  }

  @Test
  void aMeetingThatDoesNotComeAboutLeavesNothingBehind() {
    UnixDomainSocketAddress at = Ranks.freshUnixAddress();

    assertThatThrownBy(() -> Ranks.sockets(0, 2, at, IMPATIENT)).hasMessageContaining("rank 1 has not joined rank 0");
    assertThat(at.getPath().getParent()).doesNotExist();
    Ranks.meetingPoint(2, at, IMPATIENT).close();
    assertThat(at.getPath().getParent()).doesNotExist();
  }

  @Test
  void aFolderThatIsOpenToOthersIsRefused(@TempDir Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));

    assertThatThrownBy(() -> Ranks.meetingPoint(2, UnixDomainSocketAddress.of(folder.resolve("rank0")), SETTINGS))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("is open to others");
  }

  @Test
  void aPlaceThatIsTakenIsNamed() {
    MeetingPoint meeting = meetingPoint(2, SETTINGS);

    assertThatThrownBy(() -> Ranks.meetingPoint(2, meeting.address(), SETTINGS))
        .isInstanceOf(CommunicationException.class)
        .hasMessageContaining("cannot listen at " + InetAddress.getLoopbackAddress().getHostAddress());
  }

  @Test
  void tokensAreHardToGuessAndDoNotTellThemselves() {
    assertThatThrownBy(() -> Token.of("fifteen letters")).hasMessageContaining("15 bytes");
    assertThat(Token.of("exactly sixteen.").toString()).doesNotContain("sixteen");
    assertThat(Token.randomText()).hasSize(64).isNotEqualTo(Token.randomText());
  }
}
