package io.garut.train.optim;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import java.util.List;

/**
 * Gradient descent with momentum (Sutskever et al., 2013), as PyTorch's {@code torch.optim.SGD} computes it.
 *
 * @param momentum how much of the last step stays; 0 for none
 * @param nesterov whether to look ahead
 * @param weightDecay added to the gradient, of matrices; vectors (biases, norms) do not decay
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimizer {
  /** Checks the ranges. */
  public Sgd {
    Checks.fraction("momentum", momentum);
    Checks.notNegative("weight decay", weightDecay);
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("Nesterov's variant needs a momentum");
    }
  }

  @Override
  public List<String> stateNames() {
    return List.of("momentum_buffer");
  }

  @Override
  public List<Tensor> newStates(Tensor parameter) {
    return List.of(Checks.zeros(parameter, parameter.shape()));
  }

  @Override
  public long stateBytes(Shape shape) {
    return Float.BYTES * shape.elements();
  }

  @Override
  public void update(Tensor parameter, List<Tensor> states, Tensor gradient, Tensor schedule) {
    double decay = Checks.decays(parameter) ? weightDecay : 0;
    Executor.current()
        .apply(new Update.Sgd(momentum, nesterov, decay), parameter, states.get(0), gradient, schedule);
  }
}
