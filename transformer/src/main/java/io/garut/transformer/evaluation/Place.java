package io.garut.transformer.evaluation;

import java.nio.file.Path;

/**
 * Where a record stands.
 *
 * @param file of JSON lines
 * @param line from 1
 */
public record Place(Path file, long line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
