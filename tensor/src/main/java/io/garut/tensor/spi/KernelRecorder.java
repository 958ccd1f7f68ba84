package io.garut.tensor.spi;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Records kernels. Results come from a pool of the recording's own, where what a scope frees is used again by later
 * operations; a replay runs in the same order, so the same memory serves it.
 */
final class KernelRecorder implements Recorder {
  private final KernelBackend backend;
  private final PlanMemory memory;
  private final List<Kernel> kernels = new ArrayList<>();
  private final List<KernelPlan.Cut> cuts = new ArrayList<>();
  private final Map<Tensor, Storage> inputs = new IdentityHashMap<>(); // retained for the plan
  private final Set<Tensor> made = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Storage> own = Collections.newSetFromMap(new IdentityHashMap<>());
  private String region = "";
  private boolean finished;

  KernelRecorder(KernelBackend backend) {
    this.backend = backend;
    this.memory = backend.planMemory();
    cuts.add(new KernelPlan.Cut(region, 0));
  }

  @Override
  public Tensor[] apply(Op op, Tensor... operands) {
    if (finished) {
      throw new IllegalStateException(op.name() + ": the recording has been finished");
    }
    for (Tensor operand : operands) {
      operand.requireLive(op.name());
      note(op, operand);
    }
    Tensor[] results = backend.execute(op, operands, memory::allocate, kernels::add);
    for (Tensor result : results) {
      made.add(result);
      boolean view = Arrays.stream(operands).anyMatch(operand -> operand.storage() == result.storage());
      if (!view) {
        own.add(result.storage());
      }
    }
    return results;
  }

  /** An operand that was not made here is an input: its storage is held, and must stay the tensor's. */
  private void note(Op op, Tensor operand) {
    Storage storage = operand.storage();
    if (own.contains(storage)) {
      return; // a result, or a view of one
    }
    if (made.contains(operand) && inputs.containsValue(storage)) {
      return; // a view, taken through this recorder, of an input
    }
    Storage before = inputs.get(operand);
    if (made.contains(operand) || before != null && before != storage) {
      throw new IllegalStateException(
          op.name() + ": " + operand.spec() + " was prepared while recording; prepare it before");
    }
    if (before == null) {
      storage.retain();
      inputs.put(operand, storage);
    }
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public Tensor region(Region region, Tensor input, UnaryOperator<Tensor> body) {
    String outer = this.region;
    cut(region.name());
    try {
      return Recorder.super.region(region, input, body);
    } finally {
      cut(outer);
    }
  }

  private void cut(String name) {
    if (cuts.getLast().from() == kernels.size()) {
      cuts.removeLast(); // nothing ran there
    }
    region = name;
    cuts.add(new KernelPlan.Cut(name, kernels.size()));
  }

  @Override
  public Plan finish() {
    finished = true;
    if (cuts.getLast().from() == kernels.size()) {
      cuts.removeLast();
    }
    return new KernelPlan(kernels, cuts, inputs, memory);
  }
}
