package io.garut.train.data;

import java.nio.file.Path;

/**
 * Where a record stands.
 *
 * @param line its first line, from 1
 */
public record Source(Path file, long line) {
  /** {@code file:line}, as compilers write it. */
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
