package io.garut.tensor.spi;

import io.garut.tensor.Tensor;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Map;

/** Kernels in order. A plan that is dropped without being closed is closed by a cleaner. */
final class KernelPlan implements Plan {
  /** From kernel {@code from} on, work belongs to region {@code name}. */
  record Cut(String name, int from) {}

  private static final Cleaner CLEANER = Cleaner.create();

  private final Kernel[] kernels;
  private final List<Cut> cuts;
  private final Tensor[] inputs;
  private final Holdings holdings;
  private final Cleaner.Cleanable cleanable;

  /** What a plan holds, apart from it so that a cleaner can let it go. */
  private static final class Holdings implements Runnable {
    private final Storage[] storages;
    private final PlanMemory memory;
    private volatile boolean released;

    Holdings(Storage[] storages, PlanMemory memory) {
      this.storages = storages;
      this.memory = memory;
    }

    @Override
    public void run() {
      released = true;
      memory.close();
      for (Storage storage : storages) {
        storage.release();
      }
    }
  }

  KernelPlan(List<Kernel> kernels, List<Cut> cuts, Map<Tensor, Storage> inputs, PlanMemory memory) {
    this.kernels = kernels.toArray(Kernel[]::new);
    this.cuts = List.copyOf(cuts);
    this.inputs = inputs.keySet().toArray(Tensor[]::new);
    Storage[] storages = new Storage[this.inputs.length];
    for (int i = 0; i < storages.length; i++) {
      storages[i] = inputs.get(this.inputs[i]);
    }
    this.holdings = new Holdings(storages, memory);
    this.cleanable = CLEANER.register(this, holdings);
  }

  @Override
  public void replay() {
    if (holdings.released) {
      throw new IllegalStateException("the plan has been closed");
    }
    for (int i = 0; i < inputs.length; i++) {
      // shape, type and offset of a tensor never change: the storage is all that can
      if (inputs[i].isClosed() || inputs[i].storage() != holdings.storages[i]) {
        throw new IllegalStateException(
            "replay: input " + inputs[i].spec() + " has been closed or moved since it was recorded; record again");
      }
    }
    for (Kernel kernel : kernels) {
      kernel.run();
    }
    Reference.reachabilityFence(this);
  }

  @Override
  public List<String> regions() {
    return cuts.stream().map(Cut::name).toList();
  }

  @Override
  public void close() {
    cleanable.clean(); // once
  }
}
