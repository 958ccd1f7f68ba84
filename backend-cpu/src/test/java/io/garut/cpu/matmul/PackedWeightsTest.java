package io.garut.cpu.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.garut.cpu.SimdSupport;
import io.garut.cpu.WorkerPool;
import io.garut.tensor.DType;
import io.garut.tensor.quant.Elements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedWeightsTest {
  @BeforeAll
  static void vectors() {
    assumeTrue(SimdSupport.available(), "vectors are turned off");
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void comesBackBitForBit(DType dtype) {
    int[] inputs = dtype.isBlock() ? new int[] {32, 96, 704} : new int[] {1, 13, 31, 32, 33, 207, 702};
    Random random = new Random(1);
    try (WorkerPool pool = new WorkerPool(2)) {
      for (int n : new int[] {1, 13, 31, 32, 33, 207}) {
        for (int k : inputs) {
          try (Guarded memory = new Guarded()) {
            long size = dtype.bytes((long) n * k);
            MemorySegment plain = memory.bytes(size, 2);
            fill(random, dtype, plain);
            MemorySegment back = memory.bytes(size, 2);
            MemorySegment row = memory.floats(k);
            float[] expected = new float[n * k];
            Elements.read(dtype, plain, 0, expected, 0, n * k);
            try (PackedWeights packed = PackedWeights.pack(pool, dtype, n, k, plain.address())) {
              assertThat(packed.firstNonFinite()).isEqualTo(-1);
              assertThat(packed.address() % 64).isZero();
              assertThat(packed.panelBytes() % 64).isZero();
              assertThat(packed.bytes()).isEqualTo(PackedWeights.bytes(dtype, n, k));
              packed.unpack(pool, back.address());
              assertThat(back.mismatch(plain)).as("%s [%d, %d]", dtype, n, k).isEqualTo(-1);
              for (int i = 0; i < n; i++) {
                packed.readRow(i, row.address());
                float[] values = Guarded.toArray(row);
                for (int j = 0; j < k; j++) {
                  if (values[j] != expected[i * k + j]) {
                    assertThat(values[j]).as("%s [%d, %d] at %d, %d", dtype, n, k, i, j).isEqualTo(expected[i * k + j]);
                  }
                }
              }
            }
            memory.check();
          }
        }
      }
    }
  }

  /** Random bits, all finite. */
  private static void fill(Random random, DType dtype, MemorySegment plain) {
    byte[] bits = new byte[(int) plain.byteSize()];
    random.nextBytes(bits);
    MemorySegment.copy(bits, 0, plain, ValueLayout.JAVA_BYTE, 0, bits.length);
    int step = dtype.blockBytes();
    for (long at = 0; at < plain.byteSize(); at += step) {
      long top = dtype.isBlock() ? at + 1 : at + step - 1; // of the number or the scale: no exponent of ones
      plain.set(ValueLayout.JAVA_BYTE, top, (byte) (plain.get(ValueLayout.JAVA_BYTE, top) & 0xbf));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void namesTheFirstElementThatIsNotFinite(DType dtype) {
    int n = 100;
    int k = dtype.isBlock() ? 96 : 33;
    Random random = new Random(2);
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int round = 0; round < 60; round++) {
        try (Guarded memory = new Guarded()) {
          MemorySegment plain = memory.bytes(dtype.bytes((long) n * k), 0);
          fill(random, dtype, plain);
          long first = Long.MAX_VALUE;
          for (int bad = 0; bad < 1 + round % 3; bad++) {
            int element = random.nextInt(n * k) / dtype.blockSize() * dtype.blockSize();
            first = Math.min(first, element);
            long at = dtype.bytes(element);
            boolean negative = random.nextBoolean();
            boolean nan = random.nextBoolean();
            int f16 = (negative ? 0xfc00 : 0x7c00) | (nan ? 1 + random.nextInt(0x3ff) : 0);
            switch (dtype) {
              case F32 -> plain.set(
                  ValueLayout.JAVA_INT_UNALIGNED,
                  at,
                  (negative ? 0xff800000 : 0x7f800000) | (nan ? 1 + random.nextInt(0x7fffff) : 0));
              case BF16 -> plain.set(
                  ValueLayout.JAVA_SHORT_UNALIGNED,
                  at,
                  (short) ((negative ? 0xff80 : 0x7f80) | (nan ? 1 + random.nextInt(0x7f) : 0)));
              default -> plain.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) f16);
            }
          }
          try (PackedWeights packed = PackedWeights.pack(pool, dtype, n, k, plain.address())) {
            assertThat(packed.firstNonFinite()).isEqualTo(first);
          }
        }
      }
    }
  }

  @Test
  void refusesWhatNoKernelReads() {
    try (WorkerPool pool = new WorkerPool(1);
        Guarded memory = new Guarded()) {
      long address = memory.bytes(4096, 0).address();
      assertThat(PackedWeights.supports(DType.Q6_K)).isFalse();
      assertThatThrownBy(() -> PackedWeights.pack(pool, DType.Q6_K, 1, 256, address))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Q6_K")
          .hasMessageContaining("convert");
      assertThatThrownBy(() -> PackedWeights.pack(pool, DType.Q8_0, 2, 48, address)).hasMessageContaining("[2, 48]");
      assertThatThrownBy(() -> PackedWeights.pack(pool, DType.F32, 0, 48, address)).hasMessageContaining("[0, 48]");
    }
  }

  @Test
  void takesNoMoreThanTheFile() {
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0}) {
      assertThat(PackedWeights.bytes(dtype, 2048, 512)).isEqualTo(dtype.bytes(2048 * 512));
    }
  }
}
