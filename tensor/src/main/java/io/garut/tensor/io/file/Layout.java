package io.garut.tensor.io.file;

import java.util.Map;

/**
 * Where everything lies in a file that is going to be written.
 *
 * @param header the file's beginning
 * @param slots the place of each tensor, by name
 * @param size the bytes of the file
 */
public record Layout(byte[] header, Map<String, Slot> slots, long size) {
  /** The place of one tensor's data, from the file's beginning. */
  public record Slot(long offset, long byteLength) {}
}
