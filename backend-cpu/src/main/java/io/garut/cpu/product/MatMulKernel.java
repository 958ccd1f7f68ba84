package io.garut.cpu.product;

import io.garut.cpu.Operands;
import io.garut.cpu.WorkerPool;
import io.garut.cpu.matmul.Gemm;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Product;
import io.garut.tensor.spi.Kernel;

/**
 * Products of F32 matrices with broadcast leading axes. Many small ones are shared out among the threads, a product
 * to a thread; large ones use all threads each.
 */
final class MatMulKernel implements Kernel, WorkerPool.Task {
  /** Multiply-adds from which a product is worth several threads. */
  private static final long LARGE = 1 << 22;

  /** Parts into which many small products are divided. */
  private static final int PARTS = 32;

  private final WorkerPool pool;
  private final boolean transposedA;
  private final boolean transposedB;
  private final int m;
  private final int n;
  private final int k;
  private final long a;
  private final long b;
  private final long c;

  /** Of each product, where A and B begin, in matrices. */
  private final long[] placesA;

  private final long[] placesB;

  /** One for each part: they hold state. */
  private final Gemm[] gemms;

  private MatMulKernel(
      WorkerPool pool, Product.MatMul op, int m, int n, int k, long a, long b, long c, long[] placesA, long[] placesB) {
    this.pool = pool;
    this.transposedA = op.transposeA();
    this.transposedB = op.transposeB();
    this.m = m;
    this.n = n;
    this.k = k;
    this.a = a;
    this.b = b;
    this.c = c;
    this.placesA = placesA;
    this.placesB = placesB;
    boolean large = (long) m * n * k >= LARGE;
    gemms = new Gemm[large ? 1 : Math.min(PARTS, placesA.length)];
    for (int i = 0; i < gemms.length; i++) {
      gemms[i] = new Gemm(pool);
    }
  }

  static Kernel of(WorkerPool pool, Product.MatMul op, Tensor[] in, Tensor out) {
    Shape left = in[0].shape();
    Shape right = in[1].shape();
    Shape result = out.shape();
    int m = Operands.size(result.dim(-2));
    int n = Operands.size(result.dim(-1));
    int k = Operands.size(left.dim(op.transposeA() ? -2 : -1));
    long a = Operands.address(op, in[0]);
    long b = Operands.address(op, in[1]);
    long c = Operands.address(op, out);
    Shape batch = result.range(0, result.rank() - 2);
    Shape batchA = left.range(0, left.rank() - 2);
    Shape batchB = right.range(0, right.rank() - 2);
    boolean stacked = !op.transposeA() && batchB.elements() == 1 && batchA.elements() == batch.elements();
    if (stacked && m * batch.elements() <= Integer.MAX_VALUE) {
      // one matrix on the right: those on the left are one tall one
      int tall = (int) (m * batch.elements());
      return new MatMulKernel(pool, op, tall, n, k, a, b, c, new long[1], new long[1]);
    }
    long[] placesA = places(batch, batchA);
    long[] placesB = places(batch, batchB);
    return new MatMulKernel(pool, op, m, n, k, a, b, c, placesA, placesB);
  }

  /** The number of the matrix of {@code operand} that goes with each of {@code batch}. */
  private static long[] places(Shape batch, Shape operand) {
    long[] places = new long[Operands.size(batch.elements())];
    long[] strides = operand.strides();
    for (int i = 0; i < places.length; i++) {
      long rest = i;
      for (int axis = batch.rank() - 1; axis >= 0; axis--) {
        long index = rest % batch.dim(axis);
        rest /= batch.dim(axis);
        int own = axis - batch.rank() + operand.rank();
        if (own >= 0 && operand.dim(own) > 1) {
          places[i] += index * strides[own];
        }
      }
    }
    return places;
  }

  @Override
  public void run() {
    pool.run(this, gemms.length);
  }

  @Override
  public void run(int part) {
    long first = (long) placesA.length * part / gemms.length;
    long end = (long) placesA.length * (part + 1) / gemms.length;
    for (int i = (int) first; i < end; i++) {
      long from = a + 4 * placesA[i] * m * k;
      long with = b + 4 * placesB[i] * k * n;
      long lda = transposedA ? m : k;
      long ldb = transposedB ? k : n;
      gemms[part].run(transposedA, transposedB, m, n, k, from, lda, with, ldb, c + 4L * i * m * n, n, false);
    }
  }
}
