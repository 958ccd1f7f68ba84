package io.garut.cpu.layer;

import static io.garut.cpu.Simd.F32;
import static io.garut.cpu.Simd.LANES;
import static io.garut.cpu.Simd.LE;
import static io.garut.tensor.memory.Memory.ALL;

import io.garut.cpu.Operands;
import io.garut.cpu.RangeKernel;
import io.garut.cpu.Simd;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.reduction.Rows;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Layer;
import jdk.incubator.vector.FloatVector;

/**
 * What flows back through cross-entropy of F32 logits: dy · (softmax − the label's indicator). A unit is a token, whose row
 * of exponentials is still in a cache near the core when it is divided by their sum.
 */
final class CrossEntropyBackwardKernel extends RangeKernel {
  private final WorkerPool pool;
  private final Backward.CrossEntropy op;
  private final long logits;
  private final long labels;
  private final long dy;
  private final long out;
  private final int classes;

  CrossEntropyBackwardKernel(WorkerPool pool, Backward.CrossEntropy op, Tensor[] in, Tensor result) {
    super(pool, in[0].shape().dim(0), 6 * in[0].shape().dim(1));
    this.pool = pool;
    this.op = op;
    logits = Operands.address(op, in[0]);
    labels = Operands.address(op, in[1]);
    dy = Operands.address(op, in[2]);
    out = Operands.address(op, result);
    classes = Operands.size(in[0].shape().dim(1));
  }

  @Override
  protected void range(long from, long to) {
    for (long token = from; token < to; token++) {
      long result = out + 4 * token * classes;
      if (ALL.get(Simd.INT, labels + 4 * token) == Layer.CrossEntropy.IGNORE) {
        ALL.asSlice(result, 4L * classes).fill((byte) 0);
      } else {
        row(logits + 4 * token * classes, token, result);
      }
    }
  }

  private void row(long x, long token, long result) {
    int label = Operands.index(op, "label", labels, token, classes);
    float gradient = ALL.get(Simd.FLOAT, dy + 4 * token);
    float max = Rows.rowMax(pool, x, classes);
    double sum = Rows.rowExpSum(pool, x, max, result, classes);
    double probability = ALL.get(Simd.FLOAT, result + 4L * label) / sum;
    scale(result, (float) (gradient / sum), classes);
    ALL.set(Simd.FLOAT, result + 4L * label, (float) ((probability - 1) * gradient));
  }

  private static void scale(long x, float factor, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromMemorySegment(F32, ALL, x + 4L * i, LE);
      v.mul(factor).intoMemorySegment(ALL, x + 4L * i, LE);
    }
    for (; i < n; i++) {
      ALL.set(Simd.FLOAT, x + 4L * i, ALL.get(Simd.FLOAT, x + 4L * i) * factor);
    }
  }
}
