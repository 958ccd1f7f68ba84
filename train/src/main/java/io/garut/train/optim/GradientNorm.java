package io.garut.train.optim;

import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.spi.Executor;
import io.garut.train.autograd.Gradients;
import java.util.List;
import java.util.Optional;

/**
 * The length of all gradients taken as one vector: squares are added up in double precision in fixed runs, and the runs in
 * order, so that it does not depend on threads.
 *
 * @param value the norm
 * @param notFinite the first parameter with a gradient that is infinite or not a number
 */
public record GradientNorm(double value, Optional<Tensor> notFinite) {
  /** Elements of a run. Who holds a part of a gradient holds whole runs, so that its sums are those of the whole. */
  public static final long RUN = 1 << 10;

  /** Of the gradients with respect to {@code parameters}. */
  public static GradientNorm of(List<Tensor> parameters, Gradients gradients) {
    return of(parameters, parameters.stream().map(parameter -> squares(gradients.of(parameter))).toList());
  }

  /** The same where the sums of squares of each parameter's gradient are known, run by run. */
  public static GradientNorm of(List<Tensor> parameters, List<double[]> squares) {
    double total = 0;
    Tensor bad = null;
    for (int i = 0; i < squares.size(); i++) {
      double before = total;
      for (double sum : squares.get(i)) {
        total += sum;
      }
      if (bad == null && Double.isFinite(before) && !Double.isFinite(total)) {
        bad = parameters.get(i);
      }
    }
    return new GradientNorm(Math.sqrt(total), Optional.ofNullable(bad));
  }

  /** The sums of squares of {@code gradient}, run by run. */
  public static double[] squares(Tensor gradient) {
    try (TensorScope _ = TensorScope.open()) {
      return Executor.current().apply(new Reduction.SquareSums(RUN), gradient)[0].toDoubleArray();
    }
  }

  /** The factor that clips to a norm of {@code most}, as PyTorch's {@code clip_grad_norm_} has it. */
  public double clip(double most) {
    return Math.min(1, most / (value + 1e-6));
  }
}
