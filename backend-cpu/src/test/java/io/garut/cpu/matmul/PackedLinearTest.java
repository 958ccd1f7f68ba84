package io.garut.cpu.matmul;

import static io.garut.cpu.Simd.FLOAT;
import static io.garut.tensor.memory.Memory.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.cpu.SimdSupport;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.quant.Elements;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("kernel")
class PackedLinearTest {
  @BeforeAll
  static void vectors() {
    assumeTrue(SimdSupport.available(), "vectors are turned off");
  }

  /** A weight with some tiny and some zero elements, its decoded values, and a layer's other tensors. */
  private static final class Case implements AutoCloseable {
    final Guarded memory = new Guarded();
    final DType dtype;
    final int m;
    final int n;
    final int k;
    final float[] x;
    final float[] bias;
    final float[] decoded;
    final MemorySegment plain;

    Case(DType dtype, int m, int n, int k, long seed) {
      this.dtype = dtype;
      this.m = m;
      this.n = n;
      this.k = k;
      Random random = new Random(seed);
      x = Guarded.gaussian(random, m * k);
      bias = Guarded.gaussian(random, n);
      float[] w = Guarded.gaussian(random, n * k);
      for (int i = 0; i < w.length; i++) {
        w[i] *= random.nextInt(10) == 0 ? 1e-6f : random.nextInt(10) == 0 ? 0f : 0.02f; // 10⁻⁶ is subnormal in F16
      }
      plain = memory.bytes(dtype.bytes((long) n * k), 2);
      Elements.write(dtype, w, 0, plain, 0, w.length);
      decoded = new float[w.length];
      Elements.read(dtype, plain, 0, decoded, 0, w.length);
    }

    float[] run(WorkerPool pool, boolean withBias, Epilogue epilogue) {
      MemorySegment xs = memory.floats(x);
      MemorySegment y = memory.floats((long) m * n);
      long b = withBias ? memory.floats(bias).address() : 0;
      try (PackedWeights packed = PackedWeights.pack(pool, dtype, n, k, plain.address())) {
        assertThat(packed.firstNonFinite()).isEqualTo(-1);
        new PackedLinear(pool, packed, m, xs.address(), k * 4L, b, y.address(), n * 4L, epilogue).run();
      }
      memory.check();
      return Guarded.toArray(y);
    }

    void expect(float[] y, boolean withBias) {
      for (int row = 0; row < m; row++) {
        for (int column = 0; column < n; column++) {
          float twin = ScalarTwins.linear(dtype, x, row, m, plain, decoded, column, k);
          float expected = withBias ? twin + bias[column] : twin;
          if (y[row * n + column] != expected) { // an assertion for each would take longer than the products
            String where = dtype + " M=" + m + " N=" + n + " K=" + k + ", y[" + row + ", " + column + "]";
            assertThat(y[row * n + column]).as(where).isEqualTo(expected);
          }
        }
      }
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void equalsTheTwinToTheBitForAwkwardSizesAndAnyNumberOfThreads(DType dtype) {
    int[] inputs = dtype.isBlock() ? new int[] {32, 64, 224, 704} : new int[] {1, 13, 31, 32, 33, 207, 702};
    int[] rows = {1, 2, 3, 6, 7, 12, 13, 35};
    int seed = 0;
    for (int threads = 1; threads <= 3; threads++) {
      try (WorkerPool pool = new WorkerPool(threads)) {
        for (int n : new int[] {1, 13, 31, 32, 33, 64, 97, 207}) {
          int k = inputs[seed % inputs.length];
          int m = rows[seed % rows.length];
          try (Case c = new Case(dtype, 1, n, k, seed)) {
            c.expect(c.run(pool, true, null), true);
          }
          try (Case c = new Case(dtype, m, n, k, seed)) {
            c.expect(c.run(pool, seed % 2 == 0, null), seed % 2 == 0);
          }
          seed++;
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void severalBlocksOfRowsAndSteps(DType dtype) {
    try (WorkerPool pool = new WorkerPool(2);
        Case c = new Case(dtype, PanelProduct.MC + 5, 65, 1056, 11)) {
      c.expect(c.run(pool, true, null), true);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void isCloseToTheExactProduct(DType dtype) {
    int k = 1024;
    int n = 96;
    try (WorkerPool pool = new WorkerPool(2)) {
      for (int m : new int[] {1, 4}) {
        try (Case c = new Case(dtype, m, n, k, 5)) {
          float[] y = c.run(pool, false, null);
          for (int i = 0; i < y.length; i++) {
            double exact = 0;
            double magnitudes = 0;
            double rounding = 0;
            for (int j = 0; j < k; j++) {
              double xj = c.x[i / n * k + j];
              double wj = c.decoded[i % n * k + j];
              exact += xj * wj;
              magnitudes += Math.abs(xj * wj);
              // A row that is quantised to eight bits is off by at most half a step of max|x| / 127; |x| stays below 6 here.
              rounding += 0.5 * 6 / 127 * Math.abs(wj);
            }
            double bound = magnitudes * k * 0x1p-23 + (dtype == DType.Q4_0 ? rounding : 0);
            assertThat(Math.abs(y[i] - exact)).isLessThanOrEqualTo(bound);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void bitsStayTheSameWhenTheCompilerTakesOver(DType dtype) {
    try (WorkerPool pool = new WorkerPool(1)) {
      for (int m : new int[] {1, 13}) {
        try (Case c = new Case(dtype, m, 64, 96, 3)) {
          float[] first = c.run(pool, false, null);
          c.expect(first, false);
          MemorySegment xs = c.memory.floats(c.x);
          MemorySegment y = c.memory.floats((long) m * 64);
          try (PackedWeights packed = PackedWeights.pack(pool, dtype, 64, 96, c.plain.address())) {
            PackedLinear linear =
                new PackedLinear(pool, packed, m, xs.address(), 96 * 4L, 0, y.address(), 64 * 4L, null);
            for (int i = 0; i < 1_500 / m; i++) {
              linear.run();
              if (i % 50 == 0) {
                assertThat(Guarded.toArray(y)).as("after %d runs", i).isEqualTo(first);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void rowsDoNotDependOnTheirNumber() {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q4_0}) {
      try (WorkerPool pool = new WorkerPool(2);
          Case many = new Case(dtype, 29, 70, 704, 9)) {
        float[] all = many.run(pool, true, null);
        MemorySegment xs = many.memory.floats(many.x);
        MemorySegment y = many.memory.floats(70);
        long bias = many.memory.floats(many.bias).address();
        try (PackedWeights packed = PackedWeights.pack(pool, dtype, 70, 704, many.plain.address())) {
          for (int row = 0; row < 29; row++) {
            new PackedLinear(pool, packed, 1, xs.address() + row * 2816L, 2816, bias, y.address(), 280, null).run();
            float[] alone = Guarded.toArray(y);
            for (int i = 0; i < 70; i++) {
              assertThat(alone[i]).as("%s row %d", dtype, row).isEqualTo(all[row * 70 + i]);
            }
          }
        }
      }
    }
  }

  /** The bounds of x within which a single row of F16 has the bits of several, and what is beyond them. */
  @Test
  void theRangeOfASingleRowOfHalves() {
    try (WorkerPool pool = new WorkerPool(1)) {
      for (float size : new float[] {0x1p-50f, 0x1.8p65f, 0x1p-78f, 0x1p68f}) {
        try (Case c = new Case(DType.F16, 2, 40, 207, 8);
            PackedWeights packed = PackedWeights.pack(pool, DType.F16, 40, 207, c.plain.address())) {
          for (int i = 0; i < 2 * 207; i++) {
            c.x[i] = size * (1 + i % 7 * 0.125f) * (i % 3 - 1);
          }
          float[] several = c.run(pool, false, null);
          MemorySegment y = c.memory.floats(40);
          long x = c.memory.floats(c.x).address();
          new PackedLinear(pool, packed, 1, x, 207 * 4L, 0, y.address(), 40 * 4L, null).run();
          float[] alone = Guarded.toArray(y);
          for (int i = 0; i < 40; i++) {
            assertThat(several[i]).isFinite();
            if (size == 0x1p68f) {
              assertThat(Float.isFinite(alone[i])).isFalse();
            } else if (size == 0x1p-78f) { // 207 sums, each off by half of 2⁻⁹⁷ at most
              assertThat(Math.abs((double) alone[i] - several[i])).isLessThanOrEqualTo(208 * 0x1p-98);
            } else {
              assertThat(alone[i]).isEqualTo(several[i]);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "Q8_0"})
  void theEpilogueSeesEveryOutputOnceWithItsBias(DType dtype) {
    for (int m : new int[] {1, 3, 30}) {
      for (int n : new int[] {33, 1000}) {
        try (WorkerPool pool = new WorkerPool(3);
            Case c = new Case(dtype, m, n, 64, 21)) {
          float[] plain = c.run(pool, true, null);
          float[] doubled =
              c.run(
                  pool,
                  true,
                  (address, row, column, count) -> {
                    if (row < 0 || row >= m || column < 0 || column + count > n) {
                      throw new AssertionError(row + ", " + column + " + " + count);
                    }
                    for (int i = 0; i < count; i++) {
                      long at = address + i * 4L;
                      ALL.set(FLOAT, at, 2 * ALL.get(FLOAT, at) + (row * 1000 + column + i));
                    }
                  });
          for (int i = 0; i < plain.length; i++) {
            assertThat(doubled[i]).isEqualTo(2 * plain[i] + (i / n * 1000 + i % n));
          }
        }
      }
    }
  }

  /** More rows than are packed or quantised at a time. */
  @Test
  void theRowsOfALongPromptAreComputedInBlocks() {
    try (WorkerPool pool = new WorkerPool(2);
        Case floats = new Case(DType.F32, 131, 3, 32_768, 6);
        Case nibbles = new Case(DType.Q4_0, Q4Product.BLOCK_ROWS + 3, 33, 64, 6)) {
      for (Case c : new Case[] {floats, nibbles}) {
        float[] plain = c.run(pool, true, null);
        c.expect(plain, true);
        float[] numbered = c.run(pool, true, (address, row, column, count) -> {
          for (int i = 0; i < count; i++) {
            ALL.set(FLOAT, address + i * 4L, row);
          }
        });
        for (int i = 0; i < numbered.length; i++) {
          int row = i / c.n;
          assertThat(numbered[i]).isEqualTo((float) row);
        }
      }
    }
  }

  @Test
  void notANumberAndInfinityInTheInputReachTheOutput() {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0}) {
      for (int m : new int[] {1, 2}) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
          try (WorkerPool pool = new WorkerPool(1);
              Case c = new Case(dtype, m, 40, 64, 4)) {
            c.x[37] = bad;
            float[] y = c.run(pool, false, null);
            boolean reached = true;
            for (int i = 0; i < 40; i++) {
              reached &= !Float.isFinite(y[i]);
            }
            assertThat(reached).as("%s M=%d x=%s", dtype, m, bad).isTrue();
          }
        }
      }
    }
  }
}
