package io.garut.tensor.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.Mapped;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bit for bit what gguf-py makes of the same blocks; block_fixtures.py made the files. */
class BlockFormatTest {
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "Q.*")
  void decodesAsGgmlDoes(DType type) throws Exception {
    try (Checkpoint blocks = Checkpoint.open(resource("blocks.gguf"));
        Checkpoint decoded = Checkpoint.open(resource("blocks.safetensors"));
        Mapped source = blocks.map(type.name());
        Mapped expected = decoded.map(type.name())) {
      int elements = (int) blocks.entry(type.name()).shape().elements();
      assertThat(decoded.entry(type.name()).shape()).isEqualTo(blocks.entry(type.name()).shape());
      int[] bits = expected.segment().toArray(ValueLayout.JAVA_INT);

      float[] array = new float[elements + 3];
      BlockFormat.of(type).decode(source.segment(), 0, array, 3, elements / type.blockSize());
      assertThat(bits(Arrays.copyOfRange(array, 3, array.length))).isEqualTo(bits);

      MemorySegment segment = MemorySegment.ofArray(new float[elements]);
      BlockFormat.of(type).decode(source.segment(), 0, segment, 0, elements / type.blockSize());
      assertThat(segment.toArray(ValueLayout.JAVA_INT)).isEqualTo(bits);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void encodesAsGgmlDoes(DType type) throws Exception {
    try (Checkpoint plain = Checkpoint.open(resource("plain.safetensors"));
        Checkpoint encoded = Checkpoint.open(resource("encoded.gguf"));
        Mapped source = plain.map("plain");
        Mapped expected = encoded.map(type.name());
        Arena arena = Arena.ofConfined()) {
      byte[] bytes = expected.segment().toArray(ValueLayout.JAVA_BYTE);
      int blocks = bytes.length / type.blockBytes();

      MemorySegment target = arena.allocate(bytes.length);
      BlockFormat.of(type).encode(source.segment(), 0, target, 0, blocks);
      assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);

      float[] floats = source.segment().toArray(ValueLayout.JAVA_FLOAT);
      MemorySegment shifted = arena.allocate(bytes.length + 5);
      BlockFormat.of(type).encode(floats, 0, shifted, 5, blocks);
      assertThat(shifted.asSlice(5).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
    }
  }

  /** Longer than a chunk, so that the pieces must join. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "Q.*")
  void decodesManyBlocksAsOneByOne(DType type) {
    int blocks = 2 * BlockFormat.CHUNK / type.blockSize() + 7;
    byte[] source = new byte[blocks * type.blockBytes()];
    new Random(7).nextBytes(source);
    float[] expected = new float[blocks * type.blockSize()];
    for (int b = 0; b < blocks; b++) {
      BlockFormat.of(type).decode(source, b * type.blockBytes(), expected, b * type.blockSize(), 1);
    }
    float[] actual = new float[expected.length];
    BlockFormat.of(type).decode(MemorySegment.ofArray(source), 0, actual, 0, blocks);
    assertThat(bits(actual)).isEqualTo(bits(expected));
    MemorySegment segment = MemorySegment.ofArray(new float[expected.length]);
    BlockFormat.of(type).decode(MemorySegment.ofArray(source), 0, segment, 0, (long) blocks);
    assertThat(segment.toArray(ValueLayout.JAVA_INT)).isEqualTo(bits(expected));
  }

  /** A value and its neighbour on the grid lie one step apart: 1/127 of the block's largest in Q8_0, 1/8 in Q4_0. */
  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void losesLessThanOneStep(DType type) {
    Random random = new Random(11);
    float[] source = new float[64 * 32];
    for (int i = 0; i < source.length; i++) {
      source[i] = (float) random.nextGaussian();
    }
    byte[] bytes = new byte[64 * type.blockBytes()];
    float[] back = new float[source.length];
    BlockFormat.of(type).encode(source, 0, bytes, 0, 64);
    BlockFormat.of(type).decode(bytes, 0, back, 0, 64);
    for (int b = 0; b < 64; b++) {
      float largest = 0;
      for (int i = b * 32; i < b * 32 + 32; i++) {
        largest = Math.max(largest, Math.abs(source[i]));
      }
      // Half a step of rounding; a whole one where Q4_0 has no +8; 2^-11 of F16 rounding of the scale on either.
      float step = type == DType.Q8_0 ? largest / 127 * 0.5f : largest / 8;
      for (int i = b * 32; i < b * 32 + 32; i++) {
        assertThat(Math.abs(back[i] - source[i])).isLessThanOrEqualTo(step + largest * 0x1p-11f);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void refusesWhatItCannotHold(DType type) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] source = new float[32];
      source[17] = bad;
      assertThatThrownBy(() -> BlockFormat.of(type).encode(source, 0, new byte[40], 0, 1))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("cannot quantise " + bad + " to " + type);
    }
    float[] large = new float[32];
    large[3] = 3e38f;
    assertThatThrownBy(() -> BlockFormat.of(type).encode(large, 0, new byte[40], 0, 1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("too large for " + type);
  }

  /** Scales whose reciprocal overflows: the values are 0 in F16's eyes. */
  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void vanishinglySmallValuesBecomeZero(DType type) {
    float[] source = new float[32];
    Arrays.fill(source, Float.MIN_VALUE);
    byte[] bytes = new byte[type.blockBytes()];
    float[] back = new float[32];
    BlockFormat.of(type).encode(source, 0, bytes, 0, 1);
    BlockFormat.of(type).decode(bytes, 0, back, 0, 1);
    for (float value : back) {
      assertThat(value).isZero();
    }
  }

  @Test
  void readsButDoesNotWriteTheOthers() {
    assertThat(BlockFormat.of(DType.Q4_K).encodes()).isFalse();
    assertThatThrownBy(() -> BlockFormat.of(DType.Q4_K).encode(new float[256], 0, new byte[144], 0, 1))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("Q4_K can be read but not written; choose Q8_0 or Q4_0");
    assertThatThrownBy(() -> BlockFormat.of(DType.F32)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "Q.*")
  void checksBothSides(DType type) {
    BlockFormat format = BlockFormat.of(type);
    byte[] bytes = new byte[2 * type.blockBytes() - 1];
    float[] floats = new float[2 * type.blockSize()];
    assertThatThrownBy(() -> format.decode(bytes, 0, floats, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> format.decode(MemorySegment.ofArray(bytes), 0, floats, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> format.decode(bytes, 0, new float[type.blockSize() - 1], 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void namesThePartnerOfADotProduct() {
    for (DType type : DType.values()) {
      if (type.isBlock()) {
        DType partner = BlockFormat.of(type).partner();
        assertThat(type.blockSize() % partner.blockSize()).isZero();
        assertThat(BlockFormat.of(partner).encodes()).isTrue();
      }
    }
  }

  static Path resource(String name) throws URISyntaxException {
    return Path.of(BlockFormatTest.class.getResource(name).toURI());
  }

  private static int[] bits(float[] floats) {
    return MemorySegment.ofArray(floats).toArray(ValueLayout.JAVA_INT);
  }
}
