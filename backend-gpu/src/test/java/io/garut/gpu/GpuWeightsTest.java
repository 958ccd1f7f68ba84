package io.garut.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Product;
import io.garut.tensor.quant.Half;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Plan;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prepared weights, indices that are checked before every run, every half. */
class GpuWeightsTest {
  private static final GpuBackend BACKEND = new GpuBackend(64L << 20, 64L << 20);

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  private static void onDevice(Runnable body) {
    Executor.with(
        BACKEND,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            body.run();
          }
          return null;
        });
  }

  private static Tensor apply(Op op, Tensor... inputs) {
    return Executor.current().apply(op, inputs)[0];
  }

  private static Tensor ints(int... values) {
    Tensor tensor = Tensor.empty(DType.I32, Shape.of(values.length));
    for (int i = 0; i < values.length; i++) {
      tensor.segment().setAtIndex(ValueLayout.JAVA_INT, i, values[i]);
    }
    return tensor;
  }

  private static Tensor floats(Shape shape, float... values) {
    Tensor tensor = Tensor.empty(DType.F32, shape);
    for (int i = 0; i < shape.elements(); i++) {
      tensor.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, values[i % values.length]);
    }
    return tensor;
  }

  private static byte[] bytes(Tensor tensor) {
    HostStorage host = tensor.storage().toHost(tensor.spec());
    try {
      long offset = tensor.storage().isPlain() ? tensor.byteOffset() : 0;
      return host.segment().asSlice(offset, tensor.spec().bytes()).toArray(ValueLayout.JAVA_BYTE);
    } finally {
      host.release();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void decodesEveryHalf(DType type) {
    onDevice(() -> {
      Tensor table = Tensor.empty(type, Shape.of(256, 256));
      for (int i = 0; i < 1 << 16; i++) {
        table.segment().setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
      }
      int[] ids = new int[256];
      Arrays.setAll(ids, i -> i);
      float[] all = apply(new Indexing.Embedding(), table, ints(ids)).toFloatArray();
      for (int i = 0; i < 1 << 16; i++) {
        float expected = type == DType.F16 ? Half.f16ToFloat((short) i) : Half.bf16ToFloat((short) i);
        if (Float.compare(all[i], expected) != 0) { // NaN equals NaN, and -0 is not 0
          assertThat(all[i]).as("%s with the bits %04x", type, i).isEqualTo(Float.valueOf(expected));
        }
      }
    });
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"})
  void refusesToPrepareWhatIsNotFinite(DType type) {
    onDevice(() -> {
      Tensor weight = Tensor.empty(type, Shape.of(3, 64));
      weight.segment().fill((byte) 0);
      weight.prepare();
      Tensor bad = Tensor.empty(type, Shape.of(3, 64));
      bad.segment().fill((byte) 0);
      long at = type.bytes(2 * 64 + 32);
      bad.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) 0x7f80); // a quiet NaN as F16
      bad.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, at + (type == DType.F32 ? 2 : 0), (short) 0x7f80);
      assertThatThrownBy(bad::prepare).isInstanceOf(NonFiniteException.class).hasMessageContaining("[2, 32]");
    });
  }

  @Test
  void looksAtIndicesBeforeEveryRun() {
    onDevice(() -> {
      Tensor table = floats(Shape.of(5, 3), 1, 2, 3);
      Tensor ids = ints(0, 4);
      try (Plan plan = Plan.record(BACKEND, () -> apply(new Indexing.Embedding(), table, ids))) {
        ids.segment().setAtIndex(ValueLayout.JAVA_INT, 1, 5);
        assertThatThrownBy(plan::replay)
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining("embedding")
            .hasMessageContaining("5 is not from 0 to 4");
      }
      assertThatThrownBy(() -> apply(new Layer.CrossEntropy(), table, ints(0, 1, 2, -100, 3)))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("label of token 4 3");
    });
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void theLastTokenOfOnePlaceStays(DType type) {
    onDevice(() -> {
      Tensor cache = Tensor.empty(type, Shape.of(1, 1, 4, 2));
      cache.segment().fill((byte) 0);
      float[] rows = new float[140];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = i;
      }
      Tensor zeros = ints(new int[70]);
      Executor.current().apply(new Layer.AppendCache(), cache, floats(Shape.of(70, 1, 2), rows), zeros, zeros);
      assertThat(cache.cast(DType.F32).toFloatArray()).containsExactly(138, 139, 0, 0, 0, 0, 0, 0);
    });
  }

  /** A piece of a tensor begins within its storage, in the middle of a word or not. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void preparesPieces(DType type) {
    onDevice(() -> {
      for (int from : new int[] {1, 2}) {
        Tensor all = floats(Shape.of(7, 3), 0.5f, -0.25f, 2, 0, 3, 1, -8).cast(type);
        Tensor piece = all.slice(0, from, 7);
        Tensor x = floats(Shape.of(2, 3), 1, 2, 4);
        Product.Linear linear = new Product.Linear(Activation.IDENTITY);
        float[] plain = apply(linear, x, piece).toFloatArray();
        byte[] before = bytes(piece);
        piece.prepare();
        assertThat(bytes(piece)).isEqualTo(before);
        assertThat(apply(linear, x, piece).toFloatArray()).containsExactly(plain);
      }
    });
  }
}
