package io.garut.cpu.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Off-heap buffers for tests of kernels, which do not check bounds: each lies between two guards that must not change. */
final class Guarded implements AutoCloseable {
  private static final int GUARD = 256;
  private static final byte MARK = (byte) 0xa5;

  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> all = new ArrayList<>();

  /** {@code bytes} bytes, {@code misalignment} bytes past a multiple of 64. */
  MemorySegment bytes(long bytes, int misalignment) {
    MemorySegment whole = arena.allocate(bytes + 2 * GUARD + 64, 64);
    whole.fill(MARK);
    MemorySegment inner = whole.asSlice(GUARD + misalignment, bytes);
    all.add(whole.asSlice(0, GUARD + misalignment));
    all.add(whole.asSlice(GUARD + misalignment + bytes));
    return inner;
  }

  MemorySegment floats(long count) {
    return bytes(count * 4, 4);
  }

  MemorySegment floats(float[] values) {
    MemorySegment segment = floats(values.length);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
    return segment;
  }

  static float[] toArray(MemorySegment segment) {
    float[] values = new float[(int) (segment.byteSize() / 4)];
    MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values, 0, values.length);
    return values;
  }

  static float[] gaussian(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Fails if anything was written beside a buffer. */
  void check() {
    for (MemorySegment guard : all) {
      boolean whole = true;
      for (long i = 0; i < guard.byteSize(); i++) {
        whole &= guard.get(ValueLayout.JAVA_BYTE, i) == MARK;
      }
      assertThat(whole).as("guard beside a buffer").isTrue();
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
