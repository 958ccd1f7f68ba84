package io.garut.cli.training;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which machine each rank is, as a file that MPI and DeepSpeed read too: a line {@code host [slots=N]} for each machine, and
 * comments after {@code #}.
 *
 * @param hosts of each rank
 */
record HostFile(List<String> hosts) {
  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9][\\w.:@%-]*|::1)(?:\\s+slots\\s*=\\s*([1-9]\\d{0,3}))?");

  /** So many ranks on this machine. */
  static HostFile here(int ranks) {
    return new HostFile(Collections.nCopies(ranks, "localhost"));
  }

  /** Reads {@code file}, whose first line has to be this machine. */
  static HostFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw Failure.usage(
          "--ranks " + file + ": say a number of ranks, or a file with a line 'host [slots=N]' for each machine");
    }
    List<String> hosts = new ArrayList<>();
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      Matcher matcher = LINE.matcher(line);
      if (!line.isEmpty() && !matcher.matches()) {
        throw new Failure(
            ExitCode.DATA,
            file + ":" + (i + 1) + ": '" + line + "' names no machine; write 'host', or 'host slots=N' for N ranks");
      }
      if (!line.isEmpty()) {
        int slots = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
        hosts.addAll(Collections.nCopies(slots, matcher.group(1)));
      }
    }
    if (hosts.isEmpty()) {
      throw new Failure(ExitCode.DATA, file + ": names no machine; write a line 'host [slots=N]' for each, this one first");
    }
    HostFile all = new HostFile(hosts);
    all.checkFirst(file);
    return all;
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new Failure(ExitCode.DATA, file + ": is not UTF-8; write a line 'host [slots=N]' for each machine", e);
    }
  }

  private void checkFirst(Path file) throws IOException {
    InetAddress own = address(file, first());
    if (!own.isLoopbackAddress() && NetworkInterface.getByInetAddress(own) == null) {
      throw new Failure(
          ExitCode.DATA,
          file + ": the first machine, " + first() + ", is not this one; begin with this one, as the others reach it");
    }
    if (own.isLoopbackAddress()) {
      for (String host : hosts) {
        if (!host.equals(first()) && !address(file, host).isLoopbackAddress()) {
          throw new Failure(
              ExitCode.DATA,
              file + ": " + first() + " is " + own.getHostAddress() + " here, where " + host
                  + " cannot reach it; name this machine by its address in the network");
        }
      }
    }
  }

  private static InetAddress address(Path file, String host) {
    try {
      return InetAddress.getByName(withoutUser(host));
    } catch (UnknownHostException e) {
      throw new Failure(ExitCode.DATA, file + ": there is no machine " + host + " that this one knows of; check the name", e);
    }
  }

  private static String withoutUser(String host) {
    return host.substring(host.indexOf('@') + 1);
  }

  /** The name by which the others reach this machine. */
  String reached() {
    return withoutUser(first());
  }

  /** This machine. */
  String first() {
    return hosts.getFirst();
  }

  int size() {
    return hosts.size();
  }

  /** Whether a rank is on another machine. */
  boolean hasOthers() {
    return hosts.stream().distinct().count() > 1;
  }

  /** How many ranks are on the machine of {@code rank}. */
  int besides(int rank) {
    return Collections.frequency(hosts, hosts.get(rank));
  }
}
