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
import java.util.stream.Stream;

/**
 * Parameters under an optimizer: its states, and an F32 master of every parameter in F16 or BF16, which small steps would be
 * lost on. It owns states and masters, not the parameters.
 */
public final class Optimization implements AutoCloseable {
  private static final String MASTER = "master";

  private final Optimizer optimizer;
  private final Offload offload;
  private final List<Tracked> all = new ArrayList<>();
  private final Tensor schedule = Tensor.empty(DType.F64, Shape.of(3)).keep();
  private long updates;

  /** What is updated; {@code master} is the part itself where that is F32 or F64. */
  private record Tracked(Owned owned, Tensor master, List<Tensor> states) {
    Tensor part() {
      return owned.part();
    }

    /** The master, if there is one apart, and the states. */
    List<Tensor> memory() {
      return master == part() ? states : Stream.concat(Stream.of(master), states.stream()).toList();
    }

    /** All that an update reads and writes. */
    List<Tensor> inUse(Gradients gradients) {
      return Stream.concat(memory().stream(), Stream.of(part(), gradients.of(owned.parameter()))).toList();
    }
  }

  /**
   * Begins with zero states.
   *
   * @param parameters named, F64, F32, F16 or BF16, in memory that can be written to
   */
  public static Optimization of(Optimizer optimizer, List<Tensor> parameters) {
    return new Optimization(optimizer, parameters.stream().map(Owned::whole).toList());
  }

  /**
   * Begins with zero states, for parts of parameters.
   *
   * @throws IllegalArgumentException if the optimizer needs whole parameters and one of these is cut
   */
  public Optimization(Optimizer optimizer, List<Owned> parts) {
    this(optimizer, parts, Offload.NONE);
  }

  /** The same with states and masters where {@code offload}, which the caller closes, puts them. */
  public Optimization(Optimizer optimizer, List<Owned> parts, Offload offload) {
    this.optimizer = optimizer;
    this.offload = offload;
    for (Owned owned : parts) {
      if (!owned.isWhole() && !optimizer.isElementwise()) {
        throw new IllegalArgumentException(
            optimizer.getClass().getSimpleName() + " looks at whole matrices, and '" + owned.parameter().name()
                + "' is shared out among ranks; take AdamW or SGD, or stage 0");
      }
      Tensor part = owned.part();
      Tensor master = isHalf(part) ? part.cast(DType.F32).keep() : part;
      Tracked tracked = new Tracked(owned, master, optimizer.newStates(master));
      tracked.memory().forEach(offload::move);
      all.add(tracked);
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

  /** What is updated. */
  public List<Owned> parts() {
    return all.stream().map(Tracked::owned).toList();
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
    for (int i = 0; i < all.size(); i++) {
      Tracked each = all.get(i);
      if (i + 1 < all.size()) {
        offload.expect(all.get(i + 1).inUse(gradients));
      }
      try (TensorScope _ = TensorScope.open()) {
        optimizer.update(each.master, each.states, gradients.of(each.owned.parameter()), schedule);
        if (each.master != each.part()) {
          Executor.current().apply(new Update.Copy(), each.part(), each.master);
        }
      }
      offload.done(each.inUse(gradients));
    }
  }

  /**
   * A master or a state.
   *
   * @param kind {@code master}, or one of {@link Optimizer#stateNames}
   * @param owned what it belongs to
   * @param tensor its elements, as many as the part has unless the optimizer looks at whole matrices
   */
  public record Memory(String kind, Owned owned, Tensor tensor) {
    /** As {@code exp_avg.gpt_neox.layers.0.attention.dense.weight}; of a part with its {@link Owned#label}. */
    public String name() {
      return kind + "." + owned.label();
    }
  }

  /** The kinds that there may be. */
  public List<String> kinds() {
    return Stream.concat(Stream.of(MASTER), optimizer.stateNames().stream()).toList();
  }

  /** Masters and states, parameter by parameter. */
  public List<Memory> memory() {
    List<Memory> memory = new ArrayList<>();
    for (Tracked each : all) {
      if (each.master != each.part()) {
        memory.add(new Memory(MASTER, each.owned, each.master));
      }
      for (int i = 0; i < each.states.size(); i++) {
        memory.add(new Memory(optimizer.stateNames().get(i), each.owned, each.states.get(i)));
      }
    }
    return memory;
  }

  /** The same by name, for a checkpoint. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    memory().forEach(each -> state.put(each.name(), each.tensor));
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
      if (each.master != each.part()) {
        each.master.close();
      }
    }
  }
}
