package io.garut.transformer.convert;

import java.nio.file.Path;
import java.util.List;

/**
 * A finished conversion.
 *
 * @param target the file or folder that was written
 * @param weights how many weights it holds
 * @param bytes what they take
 * @param notes what the user should know, one sentence each: weights that were kept in another type, a missing
 *     tokenizer
 */
public record Conversion(Path target, int weights, long bytes, List<String> notes) {
  /** Copies the list. */
  public Conversion {
    notes = List.copyOf(notes);
  }
}
