package io.garut.cpu.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.cpu.SimdSupport;
import io.garut.cpu.WorkerPool;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
class GemmTest {
  @BeforeAll
  static void vectors() {
    assumeTrue(SimdSupport.available(), "vectors are turned off");
  }

  /** Checks one product against the twin, every bit; rows of the stored matrices have some floats more than needed. */
  private static void check(WorkerPool pool, Gemm gemm, boolean ta, boolean tb, int m, int n, int k, boolean accumulate) {
    Random random = new Random(m * 31L + n * 7L + k);
    int lda = (ta ? m : k) + 3;
    int ldb = (tb ? k : n) + 1;
    int ldc = n + 2;
    float[] a = Guarded.gaussian(random, (ta ? k : m) * lda);
    float[] b = Guarded.gaussian(random, (tb ? n : k) * ldb);
    float[] c = Guarded.gaussian(random, m * ldc);
    try (Guarded memory = new Guarded()) {
      MemorySegment as = memory.floats(a);
      MemorySegment bs = memory.floats(b);
      MemorySegment cs = memory.floats(c);
      gemm.run(ta, tb, m, n, k, as.address(), lda, bs.address(), ldb, cs.address(), ldc, accumulate);
      memory.check();
      float[] out = Guarded.toArray(cs);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < ldc; j++) {
          float expected = c[i * ldc + j];
          if (j < n) {
            expected = twin(a, ta ? i : i * lda, ta ? lda : 1, b, tb ? j * ldb : j, tb ? 1 : ldb, k, accumulate, expected);
          }
          if (out[i * ldc + j] != expected) { // an assertion for each would take longer than the products
            assertThat(out[i * ldc + j])
                .as("%d threads, %s%s, M=%d N=%d K=%d, C[%d, %d]",
                    pool.threads(), ta ? "T" : "N", tb ? "T" : "N", m, n, k, i, j)
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  private static float twin(
      float[] a, int aOffset, int aStep, float[] b, int bOffset, int bStep, int k, boolean accumulate, float before) {
    if (!accumulate) {
      return ScalarTwins.dot(a, aOffset, aStep, b, bOffset, bStep, k);
    }
    float total = before; // blocks are added to what is there, one after the other
    for (int from = 0; from < k; from += 512) {
      int length = Math.min(512, k - from);
      total += ScalarTwins.dot(a, aOffset + from * aStep, aStep, b, bOffset + from * bStep, bStep, length);
    }
    return total;
  }

  @Test
  void equalsTheTwinToTheBitForAwkwardSizesAndAnyNumberOfThreads() {
    int[] sizes = {1, 2, 5, 7, 13, 31, 32, 33, 65, 207};
    for (int threads = 1; threads <= 3; threads++) {
      try (WorkerPool pool = new WorkerPool(threads)) {
        Gemm gemm = new Gemm(pool);
        Random random = new Random(threads);
        for (int round = 0; round < 60; round++) {
          int m = sizes[random.nextInt(sizes.length)];
          int n = sizes[random.nextInt(sizes.length)];
          int k = sizes[random.nextInt(sizes.length)];
          check(pool, gemm, random.nextBoolean(), random.nextBoolean(), m, n, k, random.nextBoolean());
        }
      }
    }
  }

  @Test
  void largerThanOneBlock() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Gemm gemm = new Gemm(pool);
      for (int form = 0; form < 4; form++) {
        check(pool, gemm, form % 2 == 1, form > 1, 31, 97, 1100, false);
        check(pool, gemm, form % 2 == 1, form > 1, 29, 33, 702, true);
      }
      check(pool, gemm, false, true, PanelProduct.MC + 13, 40, 65, true);
    }
  }

  @Test
  void rowsThatDoNotFitIntoTheScratchAtOnce() {
    try (WorkerPool pool = new WorkerPool(2)) {
      check(pool, new Gemm(pool), false, false, 8_300, 3, 1_030, false);
      check(pool, new Gemm(pool), true, true, 8_200, 2, 520, true);
    }
  }

  @Test
  void emptyProducts() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Gemm gemm = new Gemm(pool);
      check(pool, gemm, false, false, 5, 7, 0, false);
      check(pool, gemm, false, false, 5, 7, 0, true);
      check(pool, gemm, false, false, 0, 7, 3, false);
      check(pool, gemm, false, false, 5, 0, 3, false);
    }
  }

  @Test
  void bitsStayTheSameWhenTheCompilerTakesOver() {
    try (WorkerPool pool = new WorkerPool(1)) {
      Gemm gemm = new Gemm(pool);
      for (int round = 0; round < 150; round++) {
        check(pool, gemm, round % 2 == 0, round % 3 == 0, 13 + round % 12, 70, 64, false);
      }
    }
  }
}
