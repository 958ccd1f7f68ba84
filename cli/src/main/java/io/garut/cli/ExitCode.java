package io.garut.cli;

/** What the command tells the shell, as BSD's {@code sysexits.h} numbers it. */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** The command was used wrongly: EX_USAGE. */
  USAGE(64),
  /** What was read is damaged, or does not fit: EX_DATAERR. */
  DATA(65),
  /** What was to be read is not there, or not readable: EX_NOINPUT. */
  NO_INPUT(66),
  /** Something that is needed is not to be had, as memory: EX_UNAVAILABLE. */
  UNAVAILABLE(69),
  /** A mistake in Garut: EX_SOFTWARE. */
  SOFTWARE(70),
  /** What was to be written cannot be created: EX_CANTCREAT. */
  CANNOT_CREATE(73),
  /** Reading or writing failed on the way: EX_IOERR. */
  IO(74),
  /** Ended by Ctrl-C: 128 and the number of SIGINT. */
  INTERRUPTED(130);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The number. */
  public int code() {
    return code;
  }
}
