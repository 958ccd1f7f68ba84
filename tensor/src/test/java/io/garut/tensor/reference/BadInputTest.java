package io.garut.tensor.reference;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Executor;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the shape rules cannot see: positions, slots, starts and labels that are out of range. */
class BadInputTest {
  private static final ReferenceBackend BACKEND = new ReferenceBackend();

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  private static void refuses(String message, Op op, Supplier<Tensor[]> inputs) {
    Executor.with(
        BACKEND,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            assertThatThrownBy(() -> Executor.current().apply(op, inputs.get()))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage(message);
          }
          return null;
        });
  }

  private static Tensor zeros(long... dims) {
    return Tensor.zeros(DType.F32, dims);
  }

  private static Tensor ints(int... values) {
    return Tensor.of(values);
  }

  @Test
  void rotary() {
    refuses("rotary: position 4 is not from 0 to 3", new Layer.Rotary(),
        () -> new Tensor[] {zeros(2, 1, 4), ints(0, 4), zeros(4, 2), zeros(4, 2)});
    refuses("rotary: position -1 is not from 0 to 3", new Layer.Rotary(),
        () -> new Tensor[] {zeros(2, 1, 4), ints(0, -1), zeros(4, 2), zeros(4, 2)});
  }

  @Test
  void attention() {
    refuses("attention: start of token 1 2 is not from 0 to 1", new Layer.Attention(1),
        () -> new Tensor[] {zeros(2, 1, 4), zeros(2, 1, 4), zeros(2, 1, 4), ints(0, 2)});
    refuses("attention: start of token 0 -1 is not from 0 to 0", new Layer.Attention(1),
        () -> new Tensor[] {zeros(2, 1, 4), zeros(2, 1, 4), zeros(2, 1, 4), ints(-1, 0)});
  }

  @Test
  void caches() {
    refuses("append_cache: slot 2 is not from 0 to 1", new Layer.AppendCache(),
        () -> new Tensor[] {zeros(2, 1, 3, 4), zeros(1, 1, 4), ints(2), ints(0)});
    refuses("append_cache: position 3 is not from 0 to 2", new Layer.AppendCache(),
        () -> new Tensor[] {zeros(2, 1, 3, 4), zeros(1, 1, 4), ints(1), ints(3)});
    refuses("cached_attention: slot -1 is not from 0 to 1", new Layer.CachedAttention(1),
        () -> new Tensor[] {zeros(1, 1, 4), zeros(2, 1, 3, 4), zeros(2, 1, 3, 4), ints(-1), ints(0)});
    refuses("cached_attention: position 3 is not from 0 to 2", new Layer.CachedAttention(1),
        () -> new Tensor[] {zeros(1, 1, 4), zeros(2, 1, 3, 4), zeros(2, 1, 3, 4), ints(0), ints(3)});
  }

  @Test
  void labels() {
    refuses("cross_entropy: label of token 1 5 is not from 0 to 4", new Layer.CrossEntropy(),
        () -> new Tensor[] {zeros(3, 5), ints(0, 5, -100)});
    refuses("cross_entropy: label of token 0 -1 is not from 0 to 4", new Layer.CrossEntropy(),
        () -> new Tensor[] {zeros(3, 5), ints(-1, 0, -100)});
  }
}
