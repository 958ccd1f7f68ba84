package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.util.Arrays;

/**
 * Operations that address elements by indices in a tensor. An index outside its axis is an
 * {@link IndexOutOfBoundsException}.
 */
public sealed interface Indexing extends Op {
  /**
   * PyTorch's {@code gather}: along {@code axis}, {@code result[.., i, ..] = input[.., index[.., i, ..], ..]}. Inputs:
   * the tensor and an index of the same rank, no longer than the tensor along the other axes; the result has the
   * index's shape.
   */
  record Gather(int axis) implements Indexing {
    @Override
    public String name() {
      return "gather";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.plain(this, inputs[0]);
      Rules.index(this, inputs[1]);
      along(this, axis, inputs[0], inputs[1]);
      return Rules.one(inputs[0].dtype(), inputs[1].shape());
    }
  }

  /**
   * PyTorch's {@code scatter} or {@code scatter_add}: a copy of the first input in which
   * {@code result[.., index[.., i, ..], ..]} is set to, or has added, {@code source[.., i, ..]}, in ascending order of
   * the source's elements; every addition rounds to the tensor's type. Inputs: tensor, index, source (of the index's
   * shape).
   */
  record Scatter(int axis, boolean add) implements Indexing {
    @Override
    public String name() {
      return add ? "scatter_add" : "scatter";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 3, 3);
      Rules.plain(this, inputs[0]);
      Rules.index(this, inputs[1]);
      Rules.sameType(this, inputs[0], inputs[2]);
      Rules.check(!add || inputs[0].dtype() != DType.BOOL, this, "cannot add BOOL %s", inputs[0]);
      along(this, axis, inputs[0], inputs[1]);
      boolean same = inputs[1].shape().equals(inputs[2].shape());
      Rules.check(same, this, "index %s and source %s differ in shape", inputs[1], inputs[2]);
      return Rules.one(inputs[0].dtype(), inputs[0].shape());
    }
  }

  /**
   * PyTorch's {@code index_select}: the slices of the first input along {@code axis} that the second, a vector, names.
   */
  record IndexSelect(int axis) implements Indexing {
    @Override
    public String name() {
      return "index_select";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.plain(this, inputs[0]);
      Rules.index(this, inputs[1]);
      Rules.shape(this, inputs[1], "the index", -1);
      Rules.axis(this, axis, inputs[0].shape());
      return Rules.one(inputs[0].dtype(), inputs[0].shape().with(axis, inputs[1].shape().last()));
    }
  }

  /**
   * The opposite of {@link IndexSelect}: slices of the first input along {@code axis}, each added to the slice of the result
   * that the second, a vector as long as that axis, names, in ascending order; slices that none names are 0. The result is
   * {@code length} long along the axis. F32 or F64. JAX's {@code segment_sum}.
   */
  record SegmentSum(int axis, long length) implements Indexing {
    @Override
    public String name() {
      return "segment_sum";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.single(this, inputs[0]);
      Rules.index(this, inputs[1]);
      Shape shape = inputs[0].shape();
      Rules.shape(this, inputs[1], "the index", shape.dim(Rules.axis(this, axis, shape)));
      Rules.check(length >= 0, this, "a length of %d", length);
      return Rules.one(inputs[0].dtype(), shape.with(axis, length));
    }
  }

  /**
   * Rows of a table, decoded: table [V, H] of any floating-point or block type, ids of any shape → ids' shape + [H],
   * F32 (F64 from F64).
   */
  record Embedding() implements Indexing {
    @Override
    public String name() {
      return "embedding";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.shape(this, inputs[0], "the table", -1, -1);
      DType type = inputs[0].dtype();
      Rules.check(
          type.isFloat() || type.isBlock(), this, "the table %s must be floating-point or quantised", inputs[0]);
      Rules.index(this, inputs[1]);
      long[] ids = inputs[1].shape().toArray();
      long[] dims = Arrays.copyOf(ids, ids.length + 1);
      dims[ids.length] = inputs[0].shape().last();
      return Rules.one(type == DType.F64 ? DType.F64 : DType.F32, Shape.of(dims));
    }
  }

  private static void along(Op op, int axis, Spec tensor, Spec index) {
    Rules.check(tensor.shape().rank() == index.shape().rank(), op, "%s and index %s differ in rank", tensor, index);
    int free = Rules.axis(op, axis, tensor.shape());
    for (int i = 0; i < tensor.shape().rank(); i++) {
      boolean fits = i == free || index.shape().dim(i) <= tensor.shape().dim(i);
      Rules.check(fits, op, "index %s is longer than %s along axis %d", index, tensor, i);
    }
  }
}
