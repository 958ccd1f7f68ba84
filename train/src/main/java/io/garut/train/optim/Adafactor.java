package io.garut.train.optim;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import java.util.List;

/**
 * Adafactor (Shazeer and Stern, 2018), as PyTorch's {@code torch.optim.Adafactor} computes it: of a matrix's squared gradients
 * only the means of rows and columns are kept, so that the states take next to no memory.
 *
 * @param beta2Decay the mean of squares keeps 1 − stepᵈ of itself; −0.8 in the paper
 * @param epsilon the least size of a parameter that a step is measured by
 * @param clip the largest root mean square of a step before the learning rate
 * @param weightDecay of matrices; vectors (biases, norms) do not decay
 */
public record Adafactor(double beta2Decay, double epsilon, double clip, double weightDecay) implements Optimizer {
  /** PyTorch's defaults, but for no weight decay: −0.8, 1e-3, 1. */
  public static Adafactor standard() {
    return new Adafactor(-0.8, 1e-3, 1, 0);
  }

  /** Checks the ranges. */
  public Adafactor {
    if (!(beta2Decay <= 0)) {
      throw new IllegalArgumentException("the exponent of beta2 must be 0 or less, not " + beta2Decay);
    }
    Checks.notNegative("epsilon", epsilon);
    Checks.positive("the clipping threshold", clip);
    Checks.notNegative("weight decay", weightDecay);
  }

  @Override
  public boolean isElementwise() {
    return false;
  }

  @Override
  public List<String> stateNames() {
    return List.of("row_var", "col_var", "variance");
  }

  @Override
  public List<Tensor> newStates(Tensor parameter) {
    Shape shape = parameter.shape();
    boolean matrix = shape.rank() >= 2;
    return List.of(
        Checks.zeros(parameter, matrix ? shape.with(-1, 1) : Shape.of(0)),
        Checks.zeros(parameter, matrix ? shape.with(-2, 1) : Shape.of(0)),
        Checks.zeros(parameter, matrix ? Shape.of(0) : shape));
  }

  @Override
  public long stateBytes(Shape shape) {
    boolean matrix = shape.rank() >= 2;
    return Float.BYTES * (matrix ? shape.with(-1, 1).elements() + shape.with(-2, 1).elements() : shape.elements());
  }

  @Override
  public void update(Tensor parameter, List<Tensor> states, Tensor gradient, Tensor schedule) {
    try (TensorScope _ = TensorScope.open()) {
      double[] now = schedule.toDoubleArray();
      double share = Math.pow(now[1], beta2Decay); // of the new in the means of squares
      double rate = Math.min(now[0], 1 / Math.sqrt(now[1]));
      double size = Math.max(epsilon, rootMeanSquare(parameter)) * rate;
      double least = Math.ulp(parameter.dtype() == DType.F64 ? 1.0 : 1.0f); // PyTorch's finfo.eps
      Tensor g = gradient.times(now[2]);
      Tensor step = g.times(inverseRoot(states, g.square(), share, least * least));
      double factor = -size / Math.max(1, rootMeanSquare(step) / clip);
      if (Checks.decays(parameter) && weightDecay > 0) {
        Executor.current().apply(new Update.Scale(), parameter, scalar(parameter, 1 - now[0] * weightDecay));
      }
      Executor.current().apply(new Update.Add(), parameter, step.times(factor));
    }
  }

  /** 1/√ of the estimated mean of squares, after {@code squares} have come in. */
  private static Tensor inverseRoot(List<Tensor> states, Tensor squares, double share, double least) {
    if (squares.shape().rank() < 2) {
      Tensor variance = moved(states.get(2), squares, share);
      return variance.maximum(scalar(variance, least)).map(Function.RSQRT);
    }
    Tensor rows = moved(states.get(0), squares.reduceKeeping(Fold.MEAN, -1), share);
    Tensor columns = moved(states.get(1), squares.reduceKeeping(Fold.MEAN, -2), share);
    Tensor estimate = rows.times(columns);
    Tensor mean = rows.reduceKeeping(Fold.MEAN, -2);
    estimate = estimate.div(mean.maximum(scalar(mean, Math.sqrt(least))));
    return estimate.maximum(scalar(estimate, least)).map(Function.RSQRT);
  }

  /** {@code state += share·(now − state)}, in place. */
  private static Tensor moved(Tensor state, Tensor now, double share) {
    Executor.current().apply(new Update.Add(), state, now.minus(state).times(share));
    return state;
  }

  private static Tensor scalar(Tensor like, double value) {
    return Tensor.full(like.dtype(), Shape.scalar(), value);
  }

  private static double rootMeanSquare(Tensor x) {
    return x.elements() == 0 ? 0 : Math.sqrt(x.square().mean().item());
  }
}
