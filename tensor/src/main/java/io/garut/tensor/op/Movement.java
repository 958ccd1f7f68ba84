package io.garut.tensor.op;

import io.garut.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operations that move elements and change none. */
public sealed interface Movement extends Op {
  /** The same elements in another shape: a view, which shares its input's storage. */
  record Reshape(Shape shape) implements Movement {
    @Override
    public String name() {
      return "reshape";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      long elements = inputs[0].shape().elements();
      Rules.check(
          elements == shape.elements(),
          this,
          "%s has %d elements, %s has %d",
          inputs[0],
          elements,
          shape,
          shape.elements());
      Rules.check(
          shape.last() % inputs[0].dtype().blockSize() == 0, this, "%s would cut the blocks of %s", shape, inputs[0]);
      return Rules.one(inputs[0].dtype(), shape);
    }
  }

  /** The same tensor under a name that messages show: a view. */
  record Named(String label) implements Movement {
    @Override
    public String name() {
      return "named";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      return new Spec[] {new Spec(inputs[0].dtype(), inputs[0].shape(), label)};
    }
  }

  /** Axis i of the result is axis {@code axes[i]} of the input. */
  record Permute(List<Integer> axes) implements Movement {
    /** Copies the list. */
    public Permute {
      axes = List.copyOf(axes);
    }

    @Override
    public String name() {
      return "permute";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.plain(this, inputs);
      Shape shape = inputs[0].shape();
      List<Integer> all = IntStream.range(0, shape.rank()).boxed().toList();
      boolean fits = axes.stream().map(axis -> Rules.axis(this, axis, shape)).sorted().toList().equals(all);
      Rules.check(fits, this, "axes %s must name each axis of %s once", axes, inputs[0]);
      return Rules.one(inputs[0].dtype(), Shape.of(axes.stream().mapToLong(shape::dim).toArray()));
    }
  }

  /** The input stretched to {@code shape} as NumPy broadcasts. */
  record BroadcastTo(Shape shape) implements Movement {
    @Override
    public String name() {
      return "broadcast_to";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.plain(this, inputs);
      boolean fits = Shape.broadcast(name(), inputs[0].shape(), shape).equals(shape);
      Rules.check(fits, this, "%s does not stretch to %s", inputs[0], shape);
      return Rules.one(inputs[0].dtype(), shape);
    }
  }

  /**
   * Elements {@code start, start + step, …}, {@code length} of them, along {@code axis}. Where they lie next to each
   * other the result is a view.
   */
  record Slice(int axis, long start, long length, long step) implements Movement {
    @Override
    public String name() {
      return "slice";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Spec input = inputs[0];
      long size = input.shape().dim(Rules.axis(this, axis, input.shape()));
      // size - start, not start + length·step, which may overflow
      boolean inside =
          start >= 0
              && start <= size
              && step >= 1
              && length >= 0
              && (length == 0 || start < size && (size - start - 1) / step >= length - 1);
      Rules.check(
          inside, this, "start %d, length %d, step %d leave axis %d of %s", start, length, step, axis, input);
      int block = input.dtype().blockSize();
      boolean last = input.shape().axis(axis) == input.shape().rank() - 1;
      boolean whole = start % block == 0 && length % block == 0 && (step == 1 || block == 1);
      Rules.check(!last || whole, this, "would cut the blocks of %s", input);
      return Rules.one(input.dtype(), input.shape().with(axis, length));
    }

    /** Whether the result of slicing {@code shape} lies in one piece, so that it can be a view. */
    public boolean contiguous(Shape shape) {
      return (step == 1 || length <= 1) && shape.product(0, shape.axis(axis)) == 1;
    }
  }

  /** The input cut into {@code parts} equal pieces along {@code axis}; the opposite of {@link Concat}. */
  record Split(int axis, int parts) implements Movement {
    @Override
    public String name() {
      return "split";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.plain(this, inputs[0]);
      Shape shape = inputs[0].shape();
      long length = shape.dim(Rules.axis(this, axis, shape));
      boolean fits = parts > 0 && length % parts == 0;
      Rules.check(fits, this, "axis %d of %s is not a multiple of %d long", axis, inputs[0], parts);
      Spec[] pieces = new Spec[parts];
      Arrays.fill(pieces, Spec.of(inputs[0].dtype(), shape.with(axis, length / parts)));
      return pieces;
    }
  }

  /** The inputs one after another along {@code axis}. */
  record Concat(int axis) implements Movement {
    @Override
    public String name() {
      return "concat";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, Integer.MAX_VALUE);
      Shape first = inputs[0].shape();
      Rules.axis(this, axis, first);
      long length = 0;
      for (Spec input : inputs) {
        Rules.sameType(this, inputs[0], input);
        Rules.plain(this, input);
        boolean fits =
            input.shape().rank() == first.rank() && input.shape().with(axis, first.dim(axis)).equals(first);
        Rules.check(fits, this, "%s and %s differ elsewhere than along axis %d", inputs[0], input, axis);
        length = Math.addExact(length, input.shape().dim(axis));
      }
      return Rules.one(inputs[0].dtype(), first.with(axis, length));
    }
  }
}
