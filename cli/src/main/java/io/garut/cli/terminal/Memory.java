package io.garut.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells of memory; empty on other systems. */
public final class Memory {
  private static final Path OWN = Path.of("/proc/self");

  private Memory() {}

  /** Bytes that programs may still take. */
  public static OptionalLong available() {
    return read(Path.of("/proc/meminfo"), "MemAvailable:");
  }

  /** The most bytes of memory that this process has held, since {@link #forgetPeak} where that worked. */
  public static OptionalLong peak() {
    return read(OWN.resolve("status"), "VmHWM:");
  }

  /** Begins a new peak; where the system refuses, peaks are those of the whole run. */
  public static boolean forgetPeak() {
    try {
      Files.writeString(OWN.resolve("clear_refs"), "5");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static OptionalLong read(Path file, String key) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(key)) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D+", "")) * 1024);
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
