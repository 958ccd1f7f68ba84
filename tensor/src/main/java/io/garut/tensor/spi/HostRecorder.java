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
final class HostRecorder implements Recorder {
  private final HostBackend backend;
  private final StoragePool pool = new StoragePool();
  private final List<Kernel> kernels = new ArrayList<>();
  private final List<HostPlan.Cut> cuts = new ArrayList<>();
  private final Map<Tensor, Storage> inputs = new IdentityHashMap<>();
  private final Set<Tensor> made = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Storage> own = Collections.newSetFromMap(new IdentityHashMap<>());
  private String region = "";
  private boolean finished;

  HostRecorder(HostBackend backend) {
    this.backend = backend;
    cuts.add(new HostPlan.Cut(region, 0));
  }

  @Override
  public Tensor[] apply(Op op, Tensor... operands) {
    if (finished) {
      throw new IllegalStateException(op.name() + ": the recording has been finished");
    }
    Tensor[] results = backend.execute(op, operands, pool, kernels::add);
    for (Tensor operand : operands) {
      // made here are results, views of them (of any name), and views that were taken through this recorder
      if (!made.contains(operand) && !own.contains(operand.storage())) {
        inputs.put(operand, operand.storage());
      }
    }
    for (Tensor result : results) {
      made.add(result);
      boolean view = Arrays.stream(operands).anyMatch(operand -> operand.storage() == result.storage());
      if (!view) {
        own.add(result.storage());
      }
    }
    return results;
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
    cuts.add(new HostPlan.Cut(name, kernels.size()));
  }

  @Override
  public Plan finish() {
    finished = true;
    if (cuts.getLast().from() == kernels.size()) {
      cuts.removeLast();
    }
    return new HostPlan(kernels, cuts, inputs, pool);
  }
}
