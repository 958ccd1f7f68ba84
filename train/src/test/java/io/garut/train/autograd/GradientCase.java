package io.garut.train.autograd;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.spi.Executor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * One operation on given inputs; those in F64 are differentiated. The loss weighs every element of every floating-point
 * result differently, so that none can stand in for another.
 */
record GradientCase(Op op, List<Supplier<Tensor>> inputs, Set<Integer> constants) {
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  static GradientCase of(Op op, Supplier<Tensor>... inputs) {
    return new GradientCase(op, List.of(inputs), Set.of());
  }

  /** The same with inputs that are not differentiated although they are F64. */
  GradientCase holding(Integer... inputs) {
    return new GradientCase(op, this.inputs, Set.of(inputs));
  }

  /** Whether input {@code i} is differentiated. */
  boolean varies(int i, Tensor input) {
    return input.dtype() == DType.F64 && !constants.contains(i);
  }

  Tensor[] make() {
    return inputs.stream().map(Supplier::get).toArray(Tensor[]::new);
  }

  Tensor loss(Tensor... at) {
    Tensor total = null;
    int which = 0;
    for (Tensor result : Executor.current().apply(op, at)) {
      if (result.dtype().isFloat()) {
        Tensor part = result.cast(DType.F64).times(normal(1000 + which++, result.shape().toArray()).get()).sum();
        total = total == null ? part : total.plus(part);
      }
    }
    return total;
  }

  /** F64, about a standard normal; no value near 0, where some functions bend. */
  static Supplier<Tensor> normal(long seed, long... dims) {
    return of(i -> away(SplitMix64.normal(seed, i)), dims);
  }

  /** F64, positive. */
  static Supplier<Tensor> positive(long seed, long... dims) {
    return of(i -> 0.3 + Math.abs(SplitMix64.normal(seed, i)), dims);
  }

  /** F64, these values over and over. */
  static Supplier<Tensor> some(double[] values, long... dims) {
    return of(i -> values[(int) (i % values.length)], dims);
  }

  private static double away(double x) {
    return Math.abs(x) < 1e-3 ? x + 0.1 : x;
  }

  private static Supplier<Tensor> of(LongToDoubleFunction value, long... dims) {
    return () -> {
      double[] all = new double[Math.toIntExact(Shape.of(dims).elements())];
      Arrays.setAll(all, value::applyAsDouble);
      return Tensor.of(all).reshape(dims);
    };
  }

  @Override
  public String toString() {
    return op + Arrays.stream(make()).map(input -> " " + input).collect(Collectors.joining());
  }
}
