package io.garut.tensor.io.torch;

import io.garut.tensor.Shape;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.file.FileBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A tensor whose elements do not lie in row-major order, such as a transposed one. Strides, in elements, are not
 * negative and have been checked to stay inside the storage.
 */
final class Strided {
  private final long[] dims;
  private final long[] strides;
  private final int width;

  /** Elements of {@code width} bytes: 1, 2, 4 or 8. */
  Strided(Shape shape, long[] strides, int width) {
    this.dims = shape.toArray();
    this.strides = strides.clone();
    this.width = width;
  }

  /** Whether {@code strides} are those of row-major order; those of axes of length 1 do not matter. */
  static boolean isContiguous(Shape shape, long[] strides) {
    if (shape.elements() == 0) {
      return true;
    }
    long[] rowMajor = shape.strides();
    for (int i = 0; i < strides.length; i++) {
      if (shape.dim(i) != 1 && strides[i] != rowMajor[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * A row-major copy of the elements, the first of which lies at {@code offset} of {@code file}.
   *
   * @throws CheckpointException if the file has been cut, or there is no memory for the copy
   */
  Mapped gather(FileBytes file, String place, long offset) throws CheckpointException {
    long elements = 1;
    long span = 1;
    for (int i = 0; i < dims.length; i++) {
      elements *= dims[i];
      span += (dims[i] - 1) * strides[i];
    }
    Arena arena = Arena.ofShared();
    try (Mapped storage = file.map(place, offset, span * width, width)) {
      MemorySegment copy = arena.allocate(elements * width, width);
      copy(storage.segment(), copy);
      return new Mapped(arena, copy);
    } catch (InternalError e) { // a page that is gone
      arena.close();
      throw (CheckpointException) file.changed(place).initCause(e);
    } catch (OutOfMemoryError e) {
      arena.close();
      CheckpointException failure =
          file.refused(place, "is transposed, and there is no memory for a copy of it", "free some memory");
      failure.initCause(e);
      throw failure;
    } catch (CheckpointException e) {
      arena.close();
      throw e;
    }
  }

  private void copy(MemorySegment from, MemorySegment to) {
    int last = dims.length - 1;
    long[] index = new long[dims.length];
    long row = 0;
    long start = 0;
    while (true) {
      copyRow(from, start * width, strides[last] * width, to, row * dims[last] * width, dims[last]);
      row++;
      int axis = last - 1;
      while (axis >= 0 && index[axis] == dims[axis] - 1) {
        start -= index[axis] * strides[axis];
        index[axis--] = 0;
      }
      if (axis < 0) {
        return;
      }
      index[axis]++;
      start += strides[axis];
    }
  }

  private void copyRow(MemorySegment from, long start, long step, MemorySegment to, long target, long count) {
    switch (width) {
      case 1 -> {
        for (long i = 0; i < count; i++) {
          to.set(ValueLayout.JAVA_BYTE, target + i, from.get(ValueLayout.JAVA_BYTE, start + i * step));
        }
      }
      case 2 -> {
        for (long i = 0; i < count; i++) {
          to.set(ValueLayout.JAVA_SHORT, target + i * 2, from.get(ValueLayout.JAVA_SHORT, start + i * step));
        }
      }
      case 4 -> {
        for (long i = 0; i < count; i++) {
          to.set(ValueLayout.JAVA_INT, target + i * 4, from.get(ValueLayout.JAVA_INT, start + i * step));
        }
      }
      case 8 -> {
        for (long i = 0; i < count; i++) {
          to.set(ValueLayout.JAVA_LONG, target + i * 8, from.get(ValueLayout.JAVA_LONG, start + i * step));
        }
      }
      default -> throw new IllegalStateException("an element of " + width + " bytes");
    }
  }
}
