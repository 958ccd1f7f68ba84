package io.garut.tensor.conformance;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One operation on inputs of certain types and shapes.
 *
 * @param op the operation
 * @param samples its inputs
 * @param bound how far a result may be from the plain loops; {@link Bound#EXACT} for not at all
 */
record Case(Op op, List<Sample> samples, Bound bound) {
  Case {
    samples = List.copyOf(samples);
  }

  static Case exact(Op op, Sample... samples) {
    return new Case(op, List.of(samples), Bound.EXACT);
  }

  static Case within(Bound bound, Op op, Sample... samples) {
    return new Case(op, List.of(samples), bound);
  }

  /** This case with samples that are made once; for as long as it is looked at. */
  Case remembering() {
    return new Case(op, samples.stream().map(Sample::remembering).toList(), bound);
  }

  /** The inputs for {@code seed}, made by the current executor. */
  Tensor[] inputs(long seed) {
    Tensor[] inputs = new Tensor[samples.size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = samples.get(i).make(seed(seed, i));
    }
    return inputs;
  }

  /** Puts the contents for {@code seed} into inputs made before. */
  void refill(Tensor[] inputs, long seed) {
    for (int i = 0; i < inputs.length; i++) {
      samples.get(i).fill(inputs[i], seed(seed, i));
    }
  }

  /** What input {@code i} holds. */
  double[] values(int i, long seed) {
    return samples.get(i).values(seed(seed, i));
  }

  /** The largest magnitude in input {@code i}. */
  double largest(int i, long seed) {
    return Arrays.stream(values(i, seed)).map(Math::abs).max().orElse(0);
  }

  private static long seed(long seed, int input) {
    return seed * 1000 + input;
  }

  /** The operation with its parameters, and its inputs, as {@code MatMul[..] F32[2, 3] F32[3, 4]}. */
  @Override
  public String toString() {
    return op + samples.stream().map(sample -> " " + sample).collect(Collectors.joining());
  }
}
