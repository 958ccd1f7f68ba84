package io.garut.cli.training;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import picocli.CommandLine.ITypeConverter;

/**
 * What rank 0 tells a rank that it starts, of what is no secret.
 *
 * @param rank which one it is
 * @param size how many there are
 * @param besides how many are on its machine
 * @param network whether there are other machines
 * @param meetingPoint where rank 0 listens: a path, or host and port
 */
record Following(int rank, int size, int besides, boolean network, String meetingPoint) {
  /** As words of a command. */
  List<String> words() {
    return List.of("--follow", String.join(",", "" + rank, "" + size, "" + besides, "" + network, meetingPoint));
  }

  SocketAddress address() {
    int colon = meetingPoint.lastIndexOf(':');
    return network
        ? new InetSocketAddress(meetingPoint.substring(0, colon), Integer.parseInt(meetingPoint.substring(colon + 1)))
        : UnixDomainSocketAddress.of(meetingPoint);
  }

  /** Reads what {@link #words} wrote. */
  static final class Converter implements ITypeConverter<Following> {
    @Override
    public Following convert(String text) {
      String[] parts = text.split(",", 5);
      return new Following(
          Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]),
          Boolean.parseBoolean(parts[3]), parts[4]);
    }
  }
}
