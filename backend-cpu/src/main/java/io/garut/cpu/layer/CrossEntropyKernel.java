package io.garut.cpu.layer;

import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.reduction.Rows;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;

/** Cross-entropy of F32 logits; a unit is a token. */
final class CrossEntropyKernel extends RangeKernel {
  private final WorkerPool pool;
  private final Layer.CrossEntropy op;
  private final long logits;
  private final long labels;
  private final long out;
  private final int classes;

  CrossEntropyKernel(WorkerPool pool, Layer.CrossEntropy op, Tensor[] in, Tensor result) {
    super(pool, in[0].shape().dim(0), 4 * in[0].shape().dim(1));
    this.pool = pool;
    this.op = op;
    logits = Operands.address(op, in[0]);
    labels = Operands.address(op, in[1]);
    out = Operands.address(op, result);
    classes = Operands.size(in[0].shape().dim(1));
  }

  @Override
  protected void range(long from, long to) {
    for (long token = from; token < to; token++) {
      float loss = 0;
      if (ALL.get(Simd.INT, labels + 4 * token) != Layer.CrossEntropy.IGNORE) {
        long row = logits + 4 * token * classes;
        int label = Operands.index(op, "label", labels, token, classes);
        float max = Rows.rowMax(pool, row, classes);
        double sum = Rows.rowExpSum(pool, row, max, 0, classes);
        loss = (float) (max - (double) ALL.get(Simd.FLOAT, row + 4L * label) + StrictMath.log(sum));
      }
      ALL.set(Simd.FLOAT, out + 4 * token, loss);
    }
  }
}
