package io.garut.train.optim;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import io.garut.train.autograd.Gradients;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters under an optimizer: its states, and an F32 master of every parameter in F16 or BF16, which small steps would be
 * lost on. It owns states and masters, not the parameters.
 */
public final class Optimization implements AutoCloseable {
  private final Optimizer optimizer;
  private final List<Tracked> all = new ArrayList<>();
  private final Tensor schedule = Tensor.empty(DType.F64, Shape.of(3)).keep();
  private long updates;

  /** A parameter; {@code master} is the parameter itself where that is F32 or F64. */
  private record Tracked(Tensor parameter, Tensor master, List<Tensor> states) {}

  /**
   * Begins with zero states.
   *
   * @param parameters named, F64, F32, F16 or BF16, in memory that can be written to
   */
  public Optimization(Optimizer optimizer, List<Tensor> parameters) {
    this.optimizer = optimizer;
    for (Tensor parameter : parameters) {
      Tensor master = isHalf(parameter) ? parameter.cast(DType.F32).keep() : parameter;
      all.add(new Tracked(parameter, master, optimizer.newStates(master)));
    }
  }

  private static boolean isHalf(Tensor parameter) {
    return parameter.dtype() == DType.F16 || parameter.dtype() == DType.BF16;
  }

  /** The bytes that an optimization of {@code parameters} takes beside them. */
  public static long bytes(Optimizer optimizer, List<Tensor> parameters) {
    return parameters.stream()
        .mapToLong(p -> optimizer.stateBytes(p.shape()) + (isHalf(p) ? DType.F32.bytes(p.elements()) : 0))
        .sum();
  }

  /** How many steps have been taken. */
  public long updates() {
    return updates;
  }

  /** One step along {@code gradients} times {@code factor} (clipping, loss scale). */
  public void step(Gradients gradients, double learningRate, double factor) {
    updates++;
    double[] now = {learningRate, updates, factor};
    for (int i = 0; i < now.length; i++) {
      schedule.segment().setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, now[i]);
    }
    for (Tracked each : all) {
      try (TensorScope _ = TensorScope.open()) {
        optimizer.update(each.master, each.states, gradients.of(each.parameter), schedule);
        if (each.master != each.parameter) {
          Executor.current().apply(new Update.Copy(), each.parameter, each.master);
        }
      }
    }
  }

  /** Masters and states by name, as {@code exp_avg.gpt_neox.layers.0.attention.dense.weight}, for a checkpoint. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Tracked each : all) {
      if (each.master != each.parameter) {
        state.put("master." + each.parameter.name(), each.master);
      }
      for (int i = 0; i < each.states.size(); i++) {
        state.put(optimizer.stateNames().get(i) + "." + each.parameter.name(), each.states.get(i));
      }
    }
    return state;
  }

  /** Says how many steps the {@link #state}, whose elements have been overwritten, is old. */
  public void restore(long steps) {
    updates = steps;
  }

  @Override
  public void close() {
    schedule.close();
    for (Tracked each : all) {
      each.states.forEach(Tensor::close);
      if (each.master != each.parameter) {
        each.master.close();
      }
    }
  }
}
