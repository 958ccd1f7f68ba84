package io.garut.tensor.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementsTest {
  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "F16", "BF16"})
  void plainTypesRoundAsTheirScalarHelpersDo(DType type) {
    int count = 2 * BlockFormat.CHUNK + 13;
    float[] values = new float[count];
    Random random = new Random(3);
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(30) - 20));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(type.bytes(count) + 1);
      Elements.write(type, values, 0, stored, 1, count);
      float[] back = new float[count + 2];
      Elements.read(type, stored, 1, back, 2, count);
      for (int i = 0; i < count; i++) {
        assertThat(back[i + 2]).isEqualTo(rounded(type, values[i]));
      }
    }
  }

  private static float rounded(DType type, float value) {
    return switch (type) {
      case F16 -> Half.f16ToFloat(Half.floatToF16(value));
      case BF16 -> Half.bf16ToFloat(Half.floatToBf16(value));
      case F64, F32, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> value;
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 32, 8192, 8192 + 64, 3 * 8192 + 96})
  void convertsInPieces(long elements) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(DType.F16.bytes(elements) + 1);
      Random random = new Random(5);
      float[] values = new float[(int) elements];
      for (int i = 0; i < elements; i++) {
        values[i] = (float) random.nextGaussian();
      }
      Elements.write(DType.F16, values, 0, source, 0, values.length);
      Elements.read(DType.F16, source, 0, values, 0, values.length);
      MemorySegment target = arena.allocate(DType.Q8_0.bytes(elements) + 1);
      Elements.convert(DType.F16, source, DType.Q8_0, target, elements);
      byte[] expected = new byte[(int) DType.Q8_0.bytes(elements)];
      BlockFormat.of(DType.Q8_0).encode(values, 0, expected, 0, (int) elements / 32);
      assertThat(target.asSlice(0, expected.length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
    }
  }

  @Test
  void copiesEqualTypesWhateverTheyHold() {
    MemorySegment source = MemorySegment.ofArray(new long[] {1, -1, Long.MAX_VALUE});
    MemorySegment target = MemorySegment.ofArray(new long[3]);
    Elements.convert(DType.I64, source, DType.I64, target, 3);
    assertThat(target.mismatch(source)).isEqualTo(-1);
    assertThatThrownBy(() -> Elements.convert(DType.I64, source, DType.F32, target, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("I64 does not hold floating-point numbers; copy it as it is");
  }

  @Test
  void saysWhereAConversionFails() {
    float[] values = new float[20_000 / 32 * 32];
    values[9000] = Float.NaN;
    MemorySegment target = MemorySegment.ofArray(new byte[20_000]);
    assertThatThrownBy(
            () -> Elements.convert(DType.F32, MemorySegment.ofArray(values), DType.Q4_0, target, values.length))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("elements 8192 to 16383: cannot quantise NaN to Q4_0; repair the weights first");
  }

  @Test
  void refusesPartsOfBlocks() {
    MemorySegment segment = MemorySegment.ofArray(new byte[100]);
    assertThatThrownBy(() -> Elements.read(DType.Q8_0, segment, 0, new float[64], 0, 33))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Q8_0 holds blocks of 32 elements; 33 are not whole blocks");
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "F16", "BF16"})
  void findsTheFirstThatIsNotFinite(DType type) {
    int count = BlockFormat.CHUNK + 100;
    for (int at : new int[] {0, 17, BlockFormat.CHUNK - 1, BlockFormat.CHUNK, count - 1}) {
      float[] values = new float[count];
      MemorySegment stored = MemorySegment.ofArray(new byte[(int) type.bytes(count)]);
      Elements.write(type, values, 0, stored, 0, count);
      assertThat(Elements.firstNonFinite(type, stored, count)).isEmpty();
      values[at] = at % 2 == 0 ? Float.NaN : Float.NEGATIVE_INFINITY;
      values[count - 1] = Float.NaN;
      Elements.write(type, values, 0, stored, 0, count);
      assertThat(Elements.firstNonFinite(type, stored, count)).hasValue(at);
    }
  }

  @Test
  void findsScalesThatAreNotFinite() {
    byte[] blocks = new byte[3 * 34];
    assertThat(Elements.firstNonFinite(DType.Q8_0, MemorySegment.ofArray(blocks), 96)).isEmpty();
    Half.putF16(blocks, 34, (short) 0x7e00);
    assertThat(Elements.firstNonFinite(DType.Q8_0, MemorySegment.ofArray(blocks), 96)).hasValue(32);
  }

  @Test
  void doublesPastFloatAreStillFinite() {
    MemorySegment stored = MemorySegment.ofArray(new double[] {1e300, -1e300, Double.POSITIVE_INFINITY});
    assertThat(Elements.firstNonFinite(DType.F64, stored, 3)).hasValue(2);
  }
}
