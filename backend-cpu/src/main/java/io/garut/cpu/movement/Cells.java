package io.garut.cpu.movement;

import java.lang.foreign.ValueLayout;

/** Cells of 1, 2, 4 and 8 bytes at any address, whatever they mean. */
final class Cells {
  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Cells() {}
}
