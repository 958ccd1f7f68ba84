package io.garut.tensor.spi;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import java.util.ArrayList;
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
  private boolean finished;

  HostRecorder(HostBackend backend) {
    this.backend = backend;
  }

  @Override
  public Tensor[] apply(Op op, Tensor... operands) {
    if (finished) {
      throw new IllegalStateException(op.name() + ": the recording has been finished");
    }
    Tensor[] results = backend.execute(op, operands, pool, kernels::add);
    for (Tensor operand : operands) {
      if (!made.contains(operand)) {
        inputs.put(operand, operand.storage());
      }
    }
    Collections.addAll(made, results);
    return results;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public Tensor region(Region region, Tensor input, UnaryOperator<Tensor> body) {
    cuts.add(new HostPlan.Cut(region.name(), kernels.size()));
    Tensor result = Recorder.super.region(region, input, body);
    cuts.add(new HostPlan.Cut("", kernels.size()));
    return result;
  }

  @Override
  public Plan finish() {
    finished = true;
    return new HostPlan(kernels, cuts, inputs, pool);
  }
}
