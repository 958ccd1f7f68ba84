package io.garut.cpu.layer;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.pointwise.HalfFloats;
import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Kernel;
import java.lang.foreign.MemorySegment;

/** Writes rows into a cache. On the calling thread: two tokens may have the same place, and the later one wins. */
final class AppendCacheKernel implements Kernel {
  private final Layer.AppendCache op;
  private final long cache;
  private final long rows;
  private final long slots;
  private final long positions;
  private final boolean half;
  private final int tokens;
  private final long slotCount;
  private final int groups;
  private final long capacity;
  private final int size;

  AppendCacheKernel(Layer.AppendCache op, Tensor[] in) {
    this.op = op;
    cache = Operands.address(op, in[0]);
    rows = Operands.address(op, in[1]);
    slots = Operands.address(op, in[2]);
    positions = Operands.address(op, in[3]);
    half = in[0].dtype() == DType.F16;
    tokens = Operands.size(in[1].shape().dim(0));
    slotCount = in[0].shape().dim(0);
    groups = Operands.size(in[0].shape().dim(1));
    capacity = in[0].shape().dim(2);
    size = Operands.size(in[0].shape().dim(3));
  }

  @Override
  public void run() {
    for (int token = 0; token < tokens; token++) { // all of them first, so that an error leaves the cache as it was
      Operands.index(op, "slot", slots, token, slotCount);
      Operands.index(op, "position", positions, token, capacity);
    }
    for (int token = 0; token < tokens; token++) {
      long slot = Operands.index(op, "slot", slots, token, slotCount);
      long position = Operands.index(op, "position", positions, token, capacity);
      for (int group = 0; group < groups; group++) {
        long from = rows + 4 * (token * (long) groups + group) * size;
        long to = ((slot * groups + group) * capacity + position) * size;
        if (half) {
          HalfFloats.encodeF16(from, cache + 2 * to, size);
        } else {
          MemorySegment.copy(ALL, from, ALL, cache + 4 * to, 4L * size);
        }
      }
    }
  }
}
