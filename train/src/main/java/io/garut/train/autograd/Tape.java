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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
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
  private final Predicate<Region> recomputed;
  private final Map<Tensor, Slot> slots = new LinkedHashMap<>(); // tensors equal themselves only
  private final List<Slot> leaves = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  private Tape(Executor inner, Predicate<Region> recomputed) {
    this.inner = inner;
    this.recomputed = recomputed;
  }

  /** One noted operation; null where an operand does not depend on a parameter, or a result carries no gradient. */
  private record Node(String name, Slot[] inputs, Slot[] outputs, Pullback pullback, Saved saved) {}

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

  /**
   * The same, where the regions for which {@code recomputed} holds keep nothing but their input, and are computed again on
   * the way back (Chen et al., "Training deep nets with sublinear memory cost", 2016).
   */
  public static Gradients gradients(
      Supplier<Tensor> loss, Collection<Tensor> parameters, Predicate<Region> recomputed) {
    Executor current = Executor.current();
    if (current instanceof Tape || current instanceof Watcher) {
      throw new IllegalStateException("gradients of gradients are not computed: a tape is at work already");
    }
    Tape tape = new Tape(current, recomputed);
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
    leaves.add(slot);
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
      all.put(parameter, slots.get(parameter).orZeros().keep());
    }
    return new Gradients(loss, all);
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
    Saved saved = new Saved();
    try {
      Pullback pullback = GradientRules.of(op, new Call(op, inputs, results, from, saved));
      if (pullback != null) {
        nodes.add(new Node(op.name(), from, track(results), pullback, saved));
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
    if (!recomputed.test(region)) {
      return inner.region(region, input, body);
    }
    Watcher watcher = new Watcher();
    Tensor output = Executor.with(watcher, () -> inner.region(region, input, body));
    if (watcher.used.isEmpty() || slots.containsKey(output)) {
      return output;
    }
    List<Tensor> used = List.copyOf(watcher.used);
    Saved saved = new Saved();
    Supplier<Tensor> kept = saved.keep(input);
    Pullback again = dy -> {
      Tensor before = kept.get();
      List<Tensor> parameters = used.stream().map(tensor -> tensor == input ? before : tensor).toList();
      return new Tape(inner, recomputed).again(() -> inner.region(region, before, body), parameters, dy[0]);
    };
    nodes.add(new Node(region.name(), slots(used.toArray(Tensor[]::new)), track(output), again, saved));
    return output;
  }

  /** The gradients with respect to {@code parameters} of what {@code body} makes again, given that of its result. */
  private Tensor[] again(Supplier<Tensor> body, List<Tensor> parameters, Tensor dy) {
    try {
      parameters.forEach(this::leaf);
      back(Executor.with(this, body), dy);
      return leaves.stream().map(slot -> slot.gradient()).toArray(Tensor[]::new);
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
            for (Node node : nodes.reversed()) {
              back(node);
            }
            leaves.forEach(leaf -> leaf.handOver(scope));
          }
          return null;
        });
  }

  private static void back(Node node) {
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
  }

  private void release() {
    nodes.forEach(node -> node.saved.release());
    nodes.clear();
    slots.clear();
  }

  /** Computes, and tells which of the tape's tensors were operands. */
  private final class Watcher implements Executor {
    private final Set<Tensor> used = new LinkedHashSet<>();

    @Override
    public Tensor[] apply(Op op, Tensor... inputs) {
      for (Tensor input : inputs) {
        if (slots.containsKey(input)) {
          used.add(input);
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
