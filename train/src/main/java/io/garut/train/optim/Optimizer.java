package io.garut.train.optim;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import java.util.List;

/**
 * How a parameter follows its gradient: the numbers that are fixed for a run. What changes from step to step is in tensors:
 * the parameter, the states, the schedule.
 */
public sealed interface Optimizer permits AdamW, Sgd, Adafactor {
  /** The names of a parameter's states, PyTorch's, as {@code exp_avg}. */
  List<String> stateNames();

  /** Whether an element follows from that element's gradient and states alone, so that parameters can be cut. */
  default boolean isElementwise() {
    return true;
  }

  /** A parameter's states before the first step, all zeros, in the order of their names; F32, or F64 of F64. */
  List<Tensor> newStates(Tensor parameter);

  /** The bytes of the states, in F32, of a parameter of {@code shape}. */
  long stateBytes(Shape shape);

  /**
   * One step, in place.
   *
   * @param parameter F32 or F64
   * @param states of it
   * @param gradient of its type and shape
   * @param schedule [3] F64: learning rate, step from 1 on, the factor of the gradient
   */
  void update(Tensor parameter, List<Tensor> states, Tensor gradient, Tensor schedule);
}
