package io.garut.train.autograd;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import java.util.Map;

/** A loss and its gradients, which belong to it: they end when it is closed. */
public final class Gradients implements AutoCloseable {
  private double loss;
  private final Map<Tensor, Tensor> byParameter;

  /** Takes {@code byParameter}, by parameter, over. */
  public Gradients(double loss, Map<Tensor, Tensor> byParameter) {
    this.loss = loss;
    this.byParameter = byParameter;
  }

  /** The loss; after {@link #add}, the sum of the losses. */
  public double loss() {
    return loss;
  }

  /**
   * The gradient with respect to {@code parameter}, of its shape; F32, or F64 of F64; zeros where the loss does not depend
   * on it. Where ranks share gradients out, what this one keeps of it.
   *
   * @throws IllegalArgumentException if that gradient was not asked for
   */
  public Tensor of(Tensor parameter) {
    Tensor gradient = byParameter.get(parameter);
    if (gradient == null) {
      throw new IllegalArgumentException("no gradient with respect to " + parameter.spec() + " was asked for");
    }
    return gradient;
  }

  /** The same gradients, of which {@code other} is the loss. */
  public Gradients withLoss(double other) {
    loss = other;
    return this;
  }

  /**
   * Adds those of another loss of the same parameters, in place.
   *
   * @throws IllegalArgumentException if the parameters differ
   */
  public void add(Gradients other) {
    if (!byParameter.keySet().equals(other.byParameter.keySet())) {
      throw new IllegalArgumentException("gradients of different parameters cannot be added");
    }
    byParameter.forEach(
        (parameter, gradient) -> Executor.current().apply(new Update.Add(), gradient, other.of(parameter)));
    loss += other.loss;
  }

  @Override
  public void close() {
    byParameter.values().forEach(Tensor::close);
  }
}
