package io.garut.gpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who has which elements of an arena. Ranges begin at multiples of a cache line; the first that is large enough is taken, and
 * neighbours that are free become one.
 */
final class DeviceMemory {
  /** Elements to which ranges are rounded. */
  static final int LINE = 32;

  private final String name;
  private final int capacity;
  private final TreeMap<Integer, Integer> free = new TreeMap<>(); // begin → length
  private long used;

  /** A part of the arena. */
  record Range(int begin, int length) {}

  DeviceMemory(String name, int capacity) {
    this.name = name;
    this.capacity = capacity / LINE * LINE;
    free.put(LINE, this.capacity - LINE); // the first line is written when the arena is made
  }

  /**
   * A range of {@code elements}.
   *
   * @throws OutOfMemoryError if there is none, saying how much there is
   */
  synchronized Range allocate(long elements) {
    long rounded = Math.ceilDiv(Math.max(1, elements), LINE) * LINE;
    Optional<Integer> found =
        free.entrySet().stream().filter(each -> each.getValue() >= rounded).map(Map.Entry::getKey).findFirst();
    if (found.isPresent()) {
      int begin = found.get();
      int length = free.remove(begin);
      if (length > rounded) {
        free.put(begin + (int) rounded, length - (int) rounded);
      }
      used += rounded;
      return new Range(begin, (int) rounded);
    }
    throw new OutOfMemoryError(
        "no " + 4 * rounded + " bytes of " + name + " on the device beside the " + 4 * used + " in use, of "
            + 4L * capacity + "; take a smaller model, batch or context, or give it more with -D" + GpuBackendProvider.MEMORY);
  }

  synchronized void giveBack(Range range) {
    int begin = range.begin;
    int length = range.length;
    Map.Entry<Integer, Integer> before = free.lowerEntry(begin);
    if (before != null && before.getKey() + before.getValue() == begin) {
      begin = before.getKey();
      length += before.getValue();
    }
    Integer after = free.remove(range.begin + range.length);
    free.remove(begin);
    free.put(begin, after == null ? length : length + after);
    used -= range.length;
  }

  /** Elements in use. */
  synchronized long used() {
    return used;
  }

  /** Ranges of a recording: what is given back serves the same recording again, and all go together. */
  static final class OfRecording {
    private final DeviceMemory memory;
    private final Map<Integer, Deque<Range>> idle = new HashMap<>();
    private final Deque<Range> all = new ArrayDeque<>();

    OfRecording(DeviceMemory memory) {
      this.memory = memory;
    }

    synchronized Range allocate(long elements) {
      int rounded = Math.toIntExact(Math.ceilDiv(Math.max(1, elements), LINE) * LINE);
      Deque<Range> some = idle.get(rounded);
      if (some != null && !some.isEmpty()) {
        return some.pop();
      }
      Range range = memory.allocate(elements);
      all.push(range);
      return range;
    }

    synchronized void giveBack(Range range) {
      idle.computeIfAbsent(range.length, length -> new ArrayDeque<>()).push(range);
    }

    synchronized void close() {
      all.forEach(memory::giveBack);
      all.clear();
      idle.clear();
    }
  }
}
