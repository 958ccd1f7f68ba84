package io.garut.tensor.reference;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Kernel;
import java.util.Arrays;

/**
 * What flows back through attention: with p the probabilities of a query, dp = dy·v and ds = p(dp − Σ p·dp), the query
 * gets scale·Σ ds·k, a key scale·Σ ds·q and a value Σ p·dy, summed over the queries that see it.
 */
final class AttentionBackwardLoop implements Kernel {
  private final Op op;
  private final double scale;
  private final Cells q;
  private final Cells k;
  private final Cells v;
  private final Cells starts;
  private final Cells dy;
  private final Cells dq;
  private final Cells dk;
  private final Cells dv;
  private final long heads;
  private final long groups;
  private final int size;
  private final double[] keySums;
  private final double[] valueSums;
  private final double[] query;
  private final double[] upstream;
  private final double[] row;
  private final double[] probabilities;
  private final double[] slopes;

  AttentionBackwardLoop(Op op, double scale, Tensor[] inputs, Tensor[] outputs) {
    this.op = op;
    this.scale = scale;
    q = Cells.of(op, inputs[0]);
    k = Cells.of(op, inputs[1]);
    v = Cells.of(op, inputs[2]);
    starts = Cells.of(op, inputs[3]);
    dy = Cells.of(op, inputs[4]);
    dq = Cells.of(op, outputs[0]);
    dk = Cells.of(op, outputs[1]);
    dv = Cells.of(op, outputs[2]);
    heads = inputs[0].shape().dim(1);
    groups = inputs[1].shape().dim(1);
    size = Math.toIntExact(inputs[0].shape().dim(2));
    keySums = new double[Math.toIntExact(k.count)];
    valueSums = new double[Math.toIntExact(k.count)];
    query = new double[size];
    upstream = new double[size];
    row = new double[size];
    probabilities = new double[Math.toIntExact(starts.count)];
    slopes = new double[Math.toIntExact(starts.count)];
  }

  @Override
  public void run() {
    Arrays.fill(keySums, 0);
    Arrays.fill(valueSums, 0);
    for (int t = 0; t < starts.count; t++) {
      int start = (int) IndexingLoops.checked(op, "start of token " + t, starts.whole(t), t + 1);
      for (long h = 0; h < heads; h++) {
        back((t * heads + h) * size, start, t + 1, h / (heads / groups));
      }
    }
    for (int i = 0; i < keySums.length; i++) {
      dk.put(i, keySums[i]);
      dv.put(i, valueSums[i]);
    }
  }

  /** The query at {@code base}, which sees tokens {@code start} up to {@code end} of {@code group}. */
  private void back(long base, int start, int end, long group) {
    q.read(base, query, size);
    dy.read(base, upstream, size);
    int seen = end - start;
    for (int s = 0; s < seen; s++) {
      probabilities[s] = scale * k.dot(query, at(start + s, group), size);
    }
    ReductionLoops.softmax(probabilities, seen, false);
    double mean = 0;
    for (int s = 0; s < seen; s++) {
      slopes[s] = v.dot(upstream, at(start + s, group), size);
      mean += probabilities[s] * slopes[s];
    }
    Arrays.fill(row, 0);
    for (int s = 0; s < seen; s++) {
      int to = (int) at(start + s, group);
      double slope = scale * probabilities[s] * (slopes[s] - mean);
      k.addTo(row, slope, to, size);
      for (int i = 0; i < size; i++) {
        keySums[to + i] += slope * query[i];
        valueSums[to + i] += probabilities[s] * upstream[i];
      }
    }
    for (int i = 0; i < size; i++) {
      dq.put(base + i, row[i]);
    }
  }

  private long at(int token, long group) {
    return (token * groups + group) * size;
  }
}
