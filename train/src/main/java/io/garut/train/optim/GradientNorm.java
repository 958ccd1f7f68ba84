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
  private static final long RUN = 1 << 16;

  /** Of the gradients with respect to {@code parameters}. */
  public static GradientNorm of(List<Tensor> parameters, Gradients gradients) {
    double total = 0;
    Tensor bad = null;
    for (Tensor parameter : parameters) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor sums = Executor.current().apply(new Reduction.SquareSums(RUN), gradients.of(parameter))[0];
        double before = total;
        for (double sum : sums.toDoubleArray()) {
          total += sum;
        }
        if (bad == null && Double.isFinite(before) && !Double.isFinite(total)) {
          bad = parameter;
        }
      }
    }
    return new GradientNorm(Math.sqrt(total), Optional.ofNullable(bad));
  }

  /** The factor that clips to a norm of {@code most}, as PyTorch's {@code clip_grad_norm_} has it. */
  public double clip(double most) {
    return Math.min(1, most / (value + 1e-6));
  }
}
