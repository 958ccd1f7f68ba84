package io.garut.train.autograd;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What one operation's way back needs, held beyond the scopes in which it was made. */
final class Saved {
  private final List<Storage> held = new ArrayList<>();
  private final Set<Tensor> weights;

  /**
   * Holds nothing yet.
   *
   * @param weights tensors that outlive the way back, whose memory may come and go meanwhile
   */
  Saved(Set<Tensor> weights) {
    this.weights = weights;
  }

  /** Holds {@code tensor}'s elements, and gives them as a tensor of the scope that asks. */
  Supplier<Tensor> keep(Tensor tensor) {
    if (weights.contains(tensor)) {
      return tensor::detach;
    }
    Spec spec = tensor.spec();
    Storage storage = tensor.storage();
    long offset = tensor.byteOffset();
    storage.retain();
    held.add(storage);
    return () -> {
      storage.retain();
      return Tensor.wrap(spec, storage, offset);
    };
  }

  /** Lets everything go. Does nothing the second time. */
  void release() {
    held.forEach(Storage::release);
    held.clear();
  }
}
