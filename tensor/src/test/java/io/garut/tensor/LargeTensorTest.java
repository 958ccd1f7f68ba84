package io.garut.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** More than 2³¹ elements: in files full of holes, and once in memory. */
@ExtendWith(WithReference.class)
class LargeTensorTest {
  private static final long BEYOND = (1L << 31) + 16;

  @TempDir Path folder;

  /** A tensor over a file of zeros that takes no room until it is written to. */
  private Tensor mapped(Arena arena, DType type, long... dims) throws IOException {
    Spec spec = Spec.of(type, Shape.of(dims));
    Path file = folder.resolve(type.name());
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), spec.bytes() - 1);
      return Tensor.wrap(
          spec, HostStorage.of(channel.map(FileChannel.MapMode.READ_WRITE, 0, spec.bytes(), arena), () -> {}), 0);
    }
  }

  @Test
  void bytesBeyondThirtyOneBits() throws IOException {
    try (Arena arena = Arena.ofShared();
        Tensor x = mapped(arena, DType.BOOL, BEYOND)) {
      long far = (1L << 31) + 3;
      x.segment().set(ValueLayout.JAVA_BYTE, far, (byte) 1);
      assertThat(x.elements()).isEqualTo(2147483664L);
      assertThat(x.select(0, far).item()).isOne();
      assertThat(x.select(0, far - (1L << 31)).item()).isZero();
      assertThat(x.slice(0, far - 1, far + 2).toBooleanArray()).containsExactly(false, true, false);
      assertThat(x.slice(0, 3, BEYOND, 1L << 30).toBooleanArray()).containsExactly(false, false, true);
      assertThat(x.indexSelect(0, Tensor.of(new long[] {0, far, 3})).toBooleanArray()).containsExactly(false, true, false);
      assertThat(x.gather(0, Tensor.of(new long[] {far})).toBooleanArray()).containsExactly(true);
      assertThat(x.reshape(2, -1).slice(1, (1L << 30) - 5, (1L << 30) - 4).toBooleanArray()).containsExactly(false, true);
      assertThat(Tensor.concat(0, x.slice(0, far, far + 1), x.slice(0, 0, 2)).toBooleanArray())
          .containsExactly(true, false, false);
      assertThatThrownBy(x::toBooleanArray)
          .isInstanceOf(ShapeException.class)
          .hasMessage("BOOL[2147483664] has more elements than a Java array; slice it, or use segment()");
    }
  }

  @Test
  void floatsBeyondThirtyOneBits() throws IOException {
    long rows = (1L << 16) + 1;
    long width = 1L << 15;
    try (Arena arena = Arena.ofShared();
        Tensor table = mapped(arena, DType.F32, rows, width)) {
      long far = (rows - 1) * width + 7;
      table.segment().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, far, 2.5f);
      float[] read = new float[2];
      table.get(far - 1, read, 2);
      assertThat(read).containsExactly(0, 2.5f);
      Tensor row = table.embedding(Tensor.of(new int[] {(int) rows - 1}));
      assertThat(row.sum().item()).isEqualTo(2.5);
      assertThat(table.slice(0, rows - 1, rows).max().item()).isEqualTo(2.5);
      assertThat(table.slice(0, 0, rows, 1L << 15).select(0, 2).select(0, 7).item()).isEqualTo(2.5);
    }
  }

  /** Kernels that write and read every one of them: two gigabytes, some seconds. */
  @Test
  @Tag("slow")
  void everyElementIsMadeAndSeen() {
    try (Tensor x = Tensor.full(DType.BOOL, Shape.of(BEYOND), 1)) {
      assertThat(x.reduce(Fold.ALL).item()).isOne();
      x.segment().set(ValueLayout.JAVA_BYTE, BEYOND - 1, (byte) 0);
      assertThat(x.reduce(Fold.ALL).item()).isZero();
      assertThat(x.select(0, BEYOND - 2).item()).isOne();
      assertThat(x.select(0, BEYOND - 1).item()).isZero();
    }
  }
}
