package io.garut.train.autograd;

import io.garut.tensor.ShapeException;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Product;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Reverse-mode differentiation (Linnainmaa, 1970; Griewank and Walther, "Evaluating Derivatives"). A tape decorates the
 * current executor: an operation is computed at once, and where an operand depends on a parameter the tape notes how to
 * go back. What the way back needs is held until it has been gone, whatever scopes end in between.
 *
 * <pre>{@code
 * try (Gradients g = Tape.gradients(() -> x.matmul(w).minus(y).square().mean(), w)) {
 *   Tensor dw = g.of(w);   // of w's shape
 * }
 * }</pre>
 *
 * <p>A parameter is known by its identity: compute with the very tensor that was named. {@link Tensor#detach} stops the
 * gradient. Gradients are F32, or F64 of F64; those of F16 and BF16 are F32. Elements that are overwritten in place
 * between there and back go unnoticed. Gradients of gradients are refused.
 */
public final class Tape implements Executor {
  private final Executor inner;
  private final RegionRules rules;
  private final Map<Tensor, Slot> slots = new LinkedHashMap<>(); // tensors equal themselves only
  private final Map<Tensor, Slot> leaves = new LinkedHashMap<>();
  private final Set<Tensor> regionWeights = new HashSet<>();
  private final Set<Tensor> used = new HashSet<>(); // those of the leaves
  private final Map<Tensor, Tensor> complete = new HashMap<>(); // what stands for a gradient that was handed over
  private final Consumer<Tensor> completed;
  private List<Step> steps = new ArrayList<>();

  private Tape(Executor inner, RegionRules rules) {
    this.inner = inner;
    this.rules = rules;
    this.completed = this::handOver;
  }

  /** One that computes a region again; {@code completed} is told of parameters to whose gradient nothing is added any more. */
  private Tape(Executor inner, BiConsumer<Tensor, Slot> completed) {
    this.inner = inner;
    this.rules = RegionRules.KEEPING;
    this.completed = parameter -> completed.accept(parameter, leaves.get(parameter));
  }

  /** What was noted, in the order of computing. */
  private sealed interface Step {}

  /**
   * One operation; null where an operand does not depend on a parameter, or a result carries no gradient.
   *
   * @param first the parameters that nothing before it uses: on the way back it is the last to add to their gradients
   */
  private record Node(
      String name, Slot[] inputs, Slot[] outputs, Pullback pullback, Saved saved, List<Tensor> first) implements Step {}

  /** What a region computed, or the one node that computes it again. */
  private record Part(Region region, boolean recomputed, List<Step> steps) implements Step {}

  /**
   * The gradients of {@code loss}, one floating-point number, with respect to {@code parameters}. The caller closes them.
   *
   * @throws IllegalStateException inside another tape, or if the loss depends on none of the parameters
   * @throws ShapeException if the loss is not one floating-point number, or a parameter not floating-point
   * @throws UnsupportedOperationException if an operation in between has no gradient
   */
  public static Gradients gradients(Supplier<Tensor> loss, Tensor... parameters) {
    return gradients(loss, Arrays.asList(parameters), region -> false);
  }

  /** The same, where {@code rules} say what becomes of the regions of a model. */
  public static Gradients gradients(Supplier<Tensor> loss, Collection<Tensor> parameters, RegionRules rules) {
    Executor current = Executor.current();
    if (current instanceof Tape || current instanceof Watcher) {
      throw new IllegalStateException("gradients of gradients are not computed: a tape is at work already");
    }
    Tape tape = new Tape(current, rules);
    try (TensorScope _ = TensorScope.open()) {
      parameters.forEach(tape::leaf);
      Tensor result = tape.forward(loss);
      tape.back(result, Tensor.full(Slot.type(result.dtype()), result.shape(), 1));
      return tape.collect(result.item(), parameters);
    } finally {
      tape.release();
    }
  }

  private void leaf(Tensor parameter) {
    if (!parameter.dtype().isFloat()) {
      throw new ShapeException("gradients: the parameter " + parameter.spec() + " is not floating-point; cast it");
    }
    Slot slot = new Slot(parameter.spec());
    slots.put(parameter, slot);
    leaves.put(parameter, slot);
  }

  private Tensor forward(Supplier<Tensor> loss) {
    try (TensorScope scope = TensorScope.open()) { // what the way back does not need ends here
      Tensor result = scope.handOver(Executor.with(this, loss));
      if (result.elements() != 1 || !result.dtype().isFloat()) {
        throw new ShapeException("gradients: the loss " + result + " is not one floating-point number; sum or mean it");
      }
      if (!slots.containsKey(result)) {
        throw new IllegalStateException("gradients: the loss depends on none of the parameters");
      }
      return result;
    }
  }

  private Gradients collect(double loss, Collection<Tensor> parameters) {
    Map<Tensor, Tensor> all = new LinkedHashMap<>();
    for (Tensor parameter : parameters) {
      handOver(parameter);
      all.put(parameter, complete.get(parameter));
    }
    complete.clear(); // they are the caller's now
    return new Gradients(loss, all);
  }

  /** Hands a gradient to which nothing is added any more over, once. */
  private void handOver(Tensor parameter) {
    if (!complete.containsKey(parameter)) {
      Slot slot = leaves.get(parameter);
      Tensor gradient = slot.orZeros();
      Tensor result = rules.complete(parameter, gradient).keep();
      complete.put(parameter, result);
      if (result == gradient) {
        slot.forget();
      } else {
        slot.clear();
      }
    }
  }

  @Override
  public Tensor[] apply(Op op, Tensor... inputs) {
    Slot[] from = slots(inputs);
    if (from == null) {
      return inner.apply(op, inputs);
    }
    if (op.written() > 0 || op instanceof Backward) {
      throw new UnsupportedOperationException(op.name() + " has no gradient; detach() what goes into it");
    }
    if (op instanceof Product.Linear(Activation activation) && activation != Activation.IDENTITY) {
      // in two: the way back needs what goes into the activation
      Tensor sum = apply(new Product.Linear(Activation.IDENTITY), inputs)[0];
      return apply(new Pointwise.Activate(activation), sum);
    }
    Tensor[] results = inner.apply(op, inputs);
    Saved saved = new Saved(regionWeights);
    try {
      Pullback pullback = GradientRules.of(op, new Call(op, inputs, results, from, saved));
      if (pullback != null) {
        steps.add(new Node(op.name(), from, track(results), pullback, saved, first(Arrays.asList(inputs))));
      }
    } catch (UnsupportedOperationException e) {
      saved.release();
      throw e;
    }
    return results;
  }

  /** The slots of those inputs that depend on a parameter; null if none does. */
  private Slot[] slots(Tensor[] inputs) {
    Slot[] all = null;
    for (int i = 0; i < inputs.length; i++) {
      Slot slot = slots.get(inputs[i]);
      if (slot != null) {
        all = all == null ? new Slot[inputs.length] : all;
        all[i] = slot;
      }
    }
    return all;
  }

  /** Those of {@code inputs} that are parameters, used for the first time. */
  private List<Tensor> first(List<Tensor> inputs) {
    return inputs.stream().filter(leaves::containsKey).filter(used::add).toList();
  }

  private Slot[] track(Tensor... results) {
    Slot[] all = new Slot[results.length];
    for (int i = 0; i < all.length; i++) {
      if (results[i].dtype().isFloat()) {
        all[i] = new Slot(results[i].spec());
        slots.put(results[i], all[i]);
      }
    }
    return all;
  }

  @Override
  public Backend backend() {
    return inner.backend();
  }

  @Override
  public Tensor region(Region region, Tensor input, UnaryOperator<Tensor> body) {
    List<Step> outer = steps;
    Part part = new Part(region, rules.recomputed(region), new ArrayList<>());
    regionWeights.addAll(region.weights());
    steps = part.steps;
    try {
      return part.recomputed ? toBeRecomputed(region, input, body) : inner.region(region, input, body);
    } finally {
      steps = outer;
      steps.add(part);
    }
  }

  private Tensor toBeRecomputed(Region region, Tensor input, UnaryOperator<Tensor> body) {
    Watcher watcher = new Watcher();
    Tensor output = Executor.with(watcher, () -> inner.region(region, input, body));
    if (watcher.read.isEmpty() || slots.containsKey(output)) {
      return output;
    }
    List<Tensor> read = List.copyOf(watcher.read);
    for (Tensor tensor : read) {
      if (tensor != input && !leaves.containsKey(tensor)) {
        throw new IllegalStateException(
            "region '" + region.name() + "' is to be computed again, and reads " + tensor.spec()
                + ", which will be gone by then; make that its input, or compute it inside");
      }
    }
    Saved saved = new Saved(Set.of());
    Supplier<Tensor> kept = saved.keep(input);
    List<Tensor> first = first(read);
    Tape second = new Tape(inner, (parameter, slot) -> {
      if (first.contains(parameter) && slot.gradient() != null) {
        leaves.get(parameter).add(region.name(), slot.gradient(), null);
        slot.clear();
        handOver(parameter);
      }
    });
    Pullback again = dy -> {
      Tensor before = kept.get();
      List<Tensor> parameters = read.stream().map(tensor -> tensor == input ? before : tensor).toList();
      return second.again(() -> inner.region(region, before, body), parameters, dy[0]);
    };
    steps.add(new Node(region.name(), slots(read.toArray(Tensor[]::new)), track(output), again, saved, first));
    return output;
  }

  /** The gradients with respect to {@code parameters} of what {@code body} makes again, given that of its result. */
  private Tensor[] again(Supplier<Tensor> body, List<Tensor> parameters, Tensor dy) {
    try {
      parameters.forEach(this::leaf);
      back(Executor.with(this, body), dy);
      return leaves.values().stream().map(Slot::gradient).toArray(Tensor[]::new);
    } finally {
      release();
    }
  }

  /** Goes back from {@code result}; the gradients of the leaves belong to the scope around. */
  private void back(Tensor result, Tensor dy) {
    Executor.with(
        inner,
        () -> {
          try (TensorScope scope = TensorScope.open()) {
            slots.get(result).add("the loss", dy, null);
            back(steps);
            leaves.values().forEach(leaf -> leaf.handOver(scope));
          }
          return null;
        });
  }

  private void back(List<Step> some) {
    for (Step step : some.reversed()) {
      switch (step) {
        case Node node -> back(node);
        case Part part -> back(part);
      }
    }
  }

  private void back(Part part) {
    if (part.recomputed) {
      back(part.steps); // enters the region again
    } else {
      inner.regionBack(part.region, () -> back(part.steps));
    }
  }

  private void back(Node node) {
    Tensor[] dy = new Tensor[node.outputs.length];
    boolean any = false;
    for (int i = 0; i < dy.length; i++) {
      dy[i] = node.outputs[i] == null ? null : node.outputs[i].gradient();
      any |= dy[i] != null;
    }
    if (any) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor[] dx = node.pullback.pull(dy);
        for (int i = 0; i < dx.length; i++) {
          if (node.inputs[i] != null && dx[i] != null) {
            node.inputs[i].add(node.name, dx[i], scope);
          }
        }
      }
    }
    node.saved.release();
    for (Slot output : node.outputs) {
      if (output != null) {
        output.clear();
      }
    }
    node.first.forEach(completed);
  }

  private void release() {
    release(steps);
    steps.clear();
    slots.clear();
    complete.values().forEach(Tensor::close); // after a failure
  }

  private static void release(List<Step> some) {
    for (Step step : some) {
      switch (step) {
        case Node node -> node.saved.release();
        case Part part -> release(part.steps);
      }
    }
  }

  /** Computes, and tells which of the tape's tensors were operands. */
  private final class Watcher implements Executor {
    private final Set<Tensor> read = new LinkedHashSet<>();

    @Override
    public Tensor[] apply(Op op, Tensor... inputs) {
      for (Tensor input : inputs) {
        if (slots.containsKey(input)) {
          read.add(input);
        }
      }
      return inner.apply(op, inputs);
    }

    @Override
    public Backend backend() {
      return inner.backend();
    }
  }
}
