package io.garut.tensor;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The dimensions of a tensor, outermost first; the empty shape is a scalar. Immutable.
 *
 * <p>Axes may be negative: −1 is the last one. Elements are counted in 64 bits.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0], 1);

  private final long[] dims;
  private final long elements;

  private Shape(long[] dims, long elements) {
    this.dims = dims;
    this.elements = elements;
  }

  /**
   * The shape with these dimensions.
   *
   * @throws ShapeException if a dimension is negative or the number of elements passes 2⁶³−1
   */
  public static Shape of(long... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    long elements = 1;
    boolean empty = false;
    for (long dim : dims) {
      if (dim < 0) {
        throw new ShapeException("a dimension cannot be negative: " + Arrays.toString(dims));
      }
      if (dim != 0 && elements > Long.MAX_VALUE / dim) {
        throw new ShapeException("more than 2^63-1 elements: " + Arrays.toString(dims));
      }
      elements *= Math.max(dim, 1); // strides are counted for empty shapes, too
      empty |= dim == 0;
    }
    return new Shape(dims.clone(), empty ? 0 : elements);
  }

  /** The shape of a single value. */
  public static Shape scalar() {
    return SCALAR;
  }

  /** The number of axes. */
  public int rank() {
    return dims.length;
  }

  /** The product of the dimensions; 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** The length along {@code axis}, which may be negative. */
  public long dim(int axis) {
    return dims[axis(axis)];
  }

  /** The length of the last axis; 1 for a scalar. */
  public long last() {
    return dims.length == 0 ? 1 : dims[dims.length - 1];
  }

  /** {@code axis} counted from the front. */
  public int axis(int axis) {
    int from = axis < 0 ? axis + dims.length : axis;
    if (from < 0 || from >= dims.length) {
      throw new ShapeException("no axis " + axis + " in " + this);
    }
    return from;
  }

  /** A copy of the dimensions. */
  public long[] toArray() {
    return dims.clone();
  }

  /** Row-major strides, in elements. */
  public long[] strides() {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /** This shape with {@code length} along {@code axis}. */
  public Shape with(int axis, long length) {
    long[] changed = dims.clone();
    changed[axis(axis)] = length;
    return of(changed);
  }

  /** This shape without {@code axis}. */
  public Shape without(int axis) {
    int gone = axis(axis);
    long[] rest = new long[dims.length - 1];
    for (int i = 0, j = 0; i < dims.length; i++) {
      if (i != gone) {
        rest[j++] = dims[i];
      }
    }
    return of(rest);
  }

  /** The dimensions {@code from} up to, not including, {@code to}. */
  public Shape range(int from, int to) {
    return of(Arrays.copyOfRange(dims, from, to));
  }

  /** The product of the dimensions {@code from} up to, not including, {@code to}. */
  public long product(int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }

  /**
   * What two shapes become when broadcast against each other as NumPy does it: aligned at the last axis, lengths of 1
   * stretched.
   *
   * @throws ShapeException naming {@code what} and both shapes, where they do not fit
   */
  public static Shape broadcast(String what, Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      long y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException(
            what + ": " + a + " and " + b
                + " do not broadcast; lengths must be equal or 1, counted from the last axis");
      }
      dims[rank - i] = x == 1 ? y : x;
    }
    return of(dims);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As {@code [2, 3]}. */
  @Override
  public String toString() {
    StringJoiner joiner = new StringJoiner(", ", "[", "]");
    for (long dim : dims) {
      joiner.add(Long.toString(dim));
    }
    return joiner.toString();
  }
}
