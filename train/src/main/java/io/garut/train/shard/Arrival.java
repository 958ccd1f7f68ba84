package io.garut.train.shard;

import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Storage;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Pending;
import io.garut.train.comm.Piece;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights of one type that are being gathered into memory of their own.
 *
 * @param storages of the weights, one each
 */
record Arrival(List<Tensor> weights, List<Storage> storages, Pending<?> operation) {
  /** Begins. {@code parts} are this rank's. */
  static Arrival start(String what, AsyncCollective ranks, List<Tensor> weights, List<Tensor> parts) {
    List<Storage> storages = weights.stream()
        .map(weight -> Executor.current().backend().allocate(weight.spec()))
        .toList();
    List<Piece> pieces = new ArrayList<>();
    for (int rank = 0; rank < ranks.size(); rank++) {
      List<MemorySegment> segments = new ArrayList<>();
      for (int i = 0; i < weights.size(); i++) {
        Tensor weight = weights.get(i);
        segments.add(Parts.segment(storages.get(i).segment(), weight.dtype(), Cut.of(weight, ranks.size()), rank));
      }
      pieces.add(Piece.of(weights.getFirst().dtype(), segments));
    }
    Piece own = Parts.of(parts);
    return new Arrival(weights, storages, ranks.submit(group -> group.allGather(what, own, pieces)));
  }

  /** Waits, and puts the memory under the weights. */
  void place() {
    operation.await();
    for (int i = 0; i < weights.size(); i++) {
      weights.get(i).relocate(storages.get(i));
    }
  }

  /** Takes it away again. */
  void remove() {
    weights.forEach(weight -> weight.relocate(new Absent()));
  }

  /** Waits, and lets the memory go. */
  void drop() {
    try {
      operation.await();
    } finally {
      storages.forEach(Storage::release);
    }
  }
}
