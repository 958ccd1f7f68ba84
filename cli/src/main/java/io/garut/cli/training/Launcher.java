package io.garut.cli.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Has a command run on a machine, in the folder that this process is in. */
sealed interface Launcher {
  /** The command of this machine that does so. */
  List<String> command(List<String> command);

  /**
   * Why a command that {@link #command} began has ended too soon, and what to do.
   *
   * @param said its last words
   */
  String ended(int status, String said);

  /** On this machine. */
  record Here() implements Launcher {
    @Override
    public List<String> command(List<String> command) {
      return command;
    }

    @Override
    public String ended(int status, String said) {
      return "has ended: " + said;
    }
  }

  /** On another one. */
  record Ssh(String host) implements Launcher {
    private static final int FAILED = 255; // ssh's own status
    private static final int NOT_FOUND = 127; // a shell's
    private static final String PROGRAM = "GARUT_SSH";
    private static final String LOCALE = "LC_ALL";

    @Override
    public List<String> command(List<String> command) {
      String program = Optional.ofNullable(System.getenv(PROGRAM)).orElse("ssh");
      String locale = Optional.ofNullable(System.getenv(LOCALE)).orElse("C.UTF-8"); // in "C" paths would be ASCII only
      String there = "cd " + quoted(Path.of("").toAbsolutePath().toString()) + " && exec env " + LOCALE + "=" + quoted(locale)
          + " " + command.stream().map(Ssh::quoted).collect(Collectors.joining(" "));
      // Ctrl-C reaches all that the terminal runs: the connection has to outlast it, until the step is done.
      return List.of("sh", "-c", "trap '' INT; exec " + program + " \"$@\"", "ssh", "-o", "BatchMode=yes", host, there);
    }

    /** For the shell there. */
    private static String quoted(String word) {
      return "'" + word.replace("'", "'\\''") + "'";
    }

    @Override
    public String ended(int status, String said) {
      return switch (status) {
        case FAILED -> "cannot be reached by ssh: " + said + "; 'ssh " + host + " true' has to work without a password";
        case NOT_FOUND -> "lacks a program: " + said + "; Java, and Garut, have to lie at the same paths on every machine";
        default -> "has ended: " + said;
      };
    }
  }
}
