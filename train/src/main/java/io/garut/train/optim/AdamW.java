package io.garut.train.optim;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as PyTorch's {@code torch.optim.AdamW} computes it.
 *
 * @param beta1 how much of the mean of gradients stays
 * @param beta2 how much of the mean of their squares stays
 * @param epsilon added to the root
 * @param weightDecay of matrices; vectors (biases, norms) do not decay
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay) implements Optimizer {
  /** PyTorch's defaults but for the decay: β 0.9 and 0.999, ε 1e-8, no weight decay, as Dolly was made. */
  public static AdamW standard() {
    return new AdamW(0.9, 0.999, 1e-8, 0);
  }

  /** Checks the ranges. */
  public AdamW {
    Checks.fraction("beta1", beta1);
    Checks.fraction("beta2", beta2);
    Checks.positive("epsilon", epsilon);
    Checks.notNegative("weight decay", weightDecay);
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public List<Tensor> newStates(Tensor parameter) {
    return List.of(Checks.zeros(parameter, parameter.shape()), Checks.zeros(parameter, parameter.shape()));
  }

  @Override
  public long stateBytes(Shape shape) {
    return 2 * Float.BYTES * shape.elements();
  }

  @Override
  public void update(Tensor parameter, List<Tensor> states, Tensor gradient, Tensor schedule) {
    double decay = Checks.decays(parameter) ? weightDecay : 0;
    Executor.current()
        .apply(new Update.AdamW(beta1, beta2, epsilon, decay), parameter, states.get(0), states.get(1), gradient, schedule);
  }
}
