package io.garut.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.op.Activation;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.spi.HostStorage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a user holds, by hand-made values. */
@ExtendWith(WithReference.class)
class TensorTest {
  @Test
  void comesFromArrays() {
    assertThat(Tensor.of(new float[] {1, 2, 3}).shape()).isEqualTo(Shape.of(3));
    assertThat(Tensor.of(new double[] {1, 2, 3, 4}, 2, 2).spec()).hasToString("F64[2, 2]");
    assertThat(Tensor.of(new int[] {7, -8}, 1, 2).toIntArray()).containsExactly(7, -8);
    assertThat(Tensor.of(new long[] {Long.MIN_VALUE}).toLongArray()).containsExactly(Long.MIN_VALUE);
    assertThat(Tensor.of(new boolean[] {true, false}).toBooleanArray()).containsExactly(true, false);
    assertThat(Tensor.scalar(2.5f).shape()).isEqualTo(Shape.scalar());
    assertThat(Tensor.scalar(2.5f).item()).isEqualTo(2.5);
    assertThat(Tensor.of(new float[0]).elements()).isZero();
    assertThatThrownBy(() -> Tensor.of(new float[] {1, 2, 3}, 2, 2))
        .isInstanceOf(ShapeException.class)
        .hasMessage("[2, 2] has 4 elements, the array 3");
  }

  @Test
  void isMadeFromNothing() {
    assertThat(Tensor.zeros(DType.I32, 2, 2).toIntArray()).containsExactly(0, 0, 0, 0);
    assertThat(Tensor.ones(DType.BF16, 3).toFloatArray()).containsExactly(1, 1, 1);
    assertThat(Tensor.full(DType.F64, Shape.of(2), 0.1).toDoubleArray()).containsExactly(0.1, 0.1);
    assertThat(Tensor.full(DType.BOOL, Shape.of(2), 2).toBooleanArray()).containsExactly(true, true);
    assertThat(Tensor.arange(DType.I64, 4).toLongArray()).containsExactly(0, 1, 2, 3);
    assertThat(Tensor.zeros(DType.F32).shape()).isEqualTo(Shape.scalar());
  }

  @Test
  void randomNumbersDependOnSeedAndIndexOnly() {
    float[] uniform = Tensor.rand(Shape.of(5), 42).toFloatArray();
    float[] normal = Tensor.randn(Shape.of(3, 3), 42).toFloatArray();
    for (int i = 0; i < 5; i++) {
      assertThat(uniform[i]).isEqualTo(SplitMix64.uniformFloat(42, i));
      assertThat(normal[i]).isEqualTo((float) SplitMix64.normal(42, i));
    }
    assertThat(uniform[0]).isEqualTo((0xBDD732262FEB6E95L >>> 40) * 0x1p-24f); // the published first number of seed 42
  }

  @Test
  void computesWithNumbersOfItsOwnType() {
    Tensor x = Tensor.of(new float[] {1, 2, 3});
    assertThat(x.plus(1).minus(0.5).times(2).div(4).toFloatArray()).containsExactly(0.75f, 1.25f, 1.75f);
    assertThat(x.pow(2).toFloatArray()).containsExactly(1, 4, 9);
    assertThat(Tensor.of(new int[] {7, -7}).div(2).toIntArray()).containsExactly(3, -3);
    assertThatThrownBy(() -> Tensor.of(new int[] {7}).plus(0.5))
        .isInstanceOf(ShapeException.class)
        .hasMessage("full: 0.5 is not of type I32");
    assertThatThrownBy(() -> x.plus(Tensor.of(new int[] {1})))
        .isInstanceOf(ShapeException.class)
        .hasMessage("add: F32[3] and I32[1] differ in type; cast one of them");
  }

  @Test
  void integersWrapAndDoNotDivideByZero() {
    Tensor most = Tensor.of(new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE});
    assertThat(most.plus(1).toIntArray()).containsExactly(Integer.MIN_VALUE, Integer.MIN_VALUE + 1);
    assertThat(most.neg().toIntArray()).containsExactly(-Integer.MAX_VALUE, Integer.MIN_VALUE);
    assertThat(most.sum().toIntArray()).containsExactly(-1);
    assertThatThrownBy(() -> most.div(0))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("div: 2147483647 divided by the integer 0");
    assertThat(Tensor.of(new float[] {1, -1}).div(0).toFloatArray())
        .containsExactly(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
  }

  @Test
  void comparesAndChooses() {
    Tensor x = Tensor.of(new float[] {-1, 0, Float.NaN, 2});
    Tensor zero = Tensor.scalar(0);
    assertThat(x.gt(zero).toBooleanArray()).containsExactly(false, false, false, true);
    assertThat(x.lt(zero).or(x.isNan()).toBooleanArray()).containsExactly(true, false, true, false);
    assertThat(x.eq(x).not().toBooleanArray()).containsExactly(false, false, true, false);
    assertThat(x.isFinite().and(x.gt(zero)).where(x, zero).toFloatArray()).containsExactly(0, 0, 0, 2);
    assertThat(x.maximum(zero).toFloatArray()).containsExactly(0, 0, Float.NaN, 2);
  }

  @Test
  void reduces() {
    Tensor x = Tensor.arange(DType.F32, 6).reshape(2, 3);
    assertThat(x.sum().item()).isEqualTo(15);
    assertThat(x.sum(0).toFloatArray()).containsExactly(3, 5, 7);
    assertThat(x.mean(-1).toFloatArray()).containsExactly(1, 4);
    assertThat(x.max(0, 1).item()).isEqualTo(5);
    assertThat(x.argmax(-1).toLongArray()).containsExactly(2, 2);
    assertThat(Tensor.zeros(DType.F32, 2, 0).sum(1).toFloatArray()).containsExactly(0, 0);
    assertThat(Tensor.zeros(DType.F32, 2, 0).mean(1).toFloatArray()).containsExactly(Float.NaN, Float.NaN);
    Tensor[] best = x.topK(2);
    assertThat(best[0].toFloatArray()).containsExactly(2, 1, 5, 4);
    assertThat(best[1].toLongArray()).containsExactly(2, 1, 2, 1);
  }

  @Test
  void reshapes() {
    Tensor x = Tensor.arange(DType.F32, 6);
    assertThat(x.reshape(-1, 2).shape()).isEqualTo(Shape.of(3, 2));
    assertThat(x.reshape(2, -1, 1).shape()).isEqualTo(Shape.of(2, 3, 1));
    assertThatThrownBy(() -> x.reshape(-1, -1)).hasMessage("reshape: only one dimension can be -1 in [-1, -1]");
    assertThatThrownBy(() -> x.reshape(4, -1)).hasMessage("reshape: F32[6] does not fill [4, -1]");
    assertThatThrownBy(() -> x.reshape(0, -1)).hasMessage("reshape: F32[6] does not fill [0, -1]");
    assertThatThrownBy(() -> x.reshape(-2, -1)).isInstanceOf(ShapeException.class);
  }

  @Test
  void slicesAndSelects() {
    Tensor x = Tensor.arange(DType.I32, 12).reshape(3, 4);
    assertThat(x.slice(1, 1, 3).toIntArray()).containsExactly(1, 2, 5, 6, 9, 10);
    assertThat(x.slice(0, 0, 3, 2).toIntArray()).containsExactly(0, 1, 2, 3, 8, 9, 10, 11);
    assertThat(x.slice(-1, 0, 4, 3).toIntArray()).containsExactly(0, 3, 4, 7, 8, 11);
    assertThat(x.slice(1, 2, 2).shape()).isEqualTo(Shape.of(3, 0));
    assertThat(x.select(0, 2).toIntArray()).containsExactly(8, 9, 10, 11);
    assertThat(x.select(-1, 0).shape()).isEqualTo(Shape.of(3));
    assertThat(x.select(0, 1).select(0, 3).item()).isEqualTo(7);
    assertThatThrownBy(() -> x.slice(0, 1, 4))
        .isInstanceOf(ShapeException.class)
        .hasMessage("slice: 1 to 4 by 1 is not within axis 0 of I32[3, 4], 0 to 3");
    assertThatThrownBy(() -> x.slice(0, 2, 1)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> x.slice(0, 0, 4, 3)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> x.slice(0, 0, 1, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> x.select(0, 3))
        .hasMessage("select: 3 is not within axis 0 of I32[3, 4], 0 to 2");
  }

  @Test
  void viewsShareStorage() {
    Tensor x = Tensor.arange(DType.F32, 6);
    Tensor rows = x.reshape(3, 2);
    Tensor tail = rows.slice(0, 1, 3);
    Tensor named = tail.named("tail");
    assertThat(named.storage()).isSameAs(x.storage());
    assertThat(named.byteOffset()).isEqualTo(8);
    assertThat(named).hasToString("'tail' F32[2, 2]");
    x.set(new float[] {0, 1, 20}, 3);
    assertThat(named.toFloatArray()).containsExactly(20, 3, 4, 5);
    assertThat(rows.slice(1, 0, 1).storage()).as("not in one piece").isNotSameAs(x.storage());
    x.close();
    rows.close();
    assertThat(x.isClosed()).isTrue();
    assertThat(named.storage().isLive()).isTrue();
    assertThat(tail.toFloatArray()).containsExactly(20, 3, 4, 5);
    tail.close();
    named.close();
    assertThat(named.storage().isLive()).isFalse();
  }

  @Test
  void aClosedTensorSaysSo() {
    Tensor x = Tensor.ones(DType.F32, 2).named("x");
    x.close();
    x.close();
    assertThatThrownBy(() -> x.plus(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "add: 'x' F32[2] has been closed; keep() takes a tensor out of the scope that would end it");
    assertThatThrownBy(x::toFloatArray).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(x::segment).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(x::prepare).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void readsOnlyWhatItHolds() {
    Tensor whole = Tensor.of(new int[] {1, 2});
    assertThat(whole.toDoubleArray()).containsExactly(1, 2);
    assertThatThrownBy(whole::toFloatArray)
        .hasMessage("toFloatArray: I32[2] is not floating-point; cast it or use toLongArray");
    assertThatThrownBy(whole::toBooleanArray).hasMessage("toBooleanArray: I32[2] is not BOOL; compare it");
    assertThatThrownBy(whole::item).hasMessage("item: I32[2] has 2 elements, not one");
    Tensor single = Tensor.of(new float[] {1});
    assertThatThrownBy(single::toLongArray).hasMessage("toLongArray: F32[1] is not an integer tensor; cast it");
    assertThatThrownBy(single::toIntArray).hasMessage("toIntArray: F32[1] is not I32; cast it");
    assertThat(Tensor.full(DType.F64, Shape.of(1), 0.1).toFloatArray()).containsExactly(0.1f);
    assertThat(Tensor.ones(DType.F32, 32).times(15.875).cast(DType.Q8_0).toFloatArray()).containsOnly(15.875f);
  }

  @Test
  void isWrittenInPlace() {
    Tensor x = Tensor.zeros(DType.F32, 3);
    x.set(new float[] {1, 2, 9}, 2);
    float[] read = new float[2];
    x.get(1, read, 2);
    assertThat(read).containsExactly(2, 0);
    Tensor ids = Tensor.zeros(DType.I32, 2);
    ids.set(new int[] {5, 6}, 2);
    assertThat(ids.toIntArray()).containsExactly(5, 6);
    assertThatThrownBy(() -> x.set(new int[] {1}, 1)).hasMessage("F32[3] does not hold 1 elements I32");
    assertThatThrownBy(() -> x.set(new float[4], 4)).hasMessage("F32[3] does not hold 4 elements F32");
    assertThatThrownBy(() -> x.get(2, read, 2)).hasMessage("F32[3] does not hold 4 elements F32");
    assertThatThrownBy(() -> x.get(-1, read, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> x.set(new float[1], 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void castsToItselfAtNoCost() {
    Tensor x = Tensor.ones(DType.F16, 2);
    assertThat(x.cast(DType.F16).segment().address()).isEqualTo(x.segment().address());
    assertThat(Tensor.of(new float[] {2.5f, -2.5f, 1e10f, Float.NaN}).cast(DType.I32).toIntArray())
        .containsExactly(2, -2, Integer.MAX_VALUE, 0);
    assertThat(Tensor.of(new long[] {1L << 40, -3}).cast(DType.I32).toIntArray())
        .containsExactly(Integer.MAX_VALUE, -3);
    assertThat(Tensor.of(new float[] {0, -0.0f, Float.NaN, 0.1f}).cast(DType.BOOL).toBooleanArray())
        .containsExactly(false, false, true, true);
  }

  @Test
  void multipliesMatrices() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor b = Tensor.of(new float[] {5, 6, 7, 8}, 2, 2);
    assertThat(a.matmul(b).toFloatArray()).containsExactly(19, 22, 43, 50);
    assertThat(a.matmulTransposed(b).toFloatArray()).containsExactly(17, 23, 39, 53);
    assertThat(a.linear(b, Tensor.of(new float[] {-20, 0}), Activation.RELU).toFloatArray())
        .containsExactly(0, 23, 19, 53);
    assertThat(Tensor.zeros(DType.F32, 2, 0).matmul(Tensor.zeros(DType.F32, 0, 3)).toFloatArray()).containsOnly(0);
  }

  @Test
  void saysWhichIndexIsWrong() {
    Tensor table = Tensor.zeros(DType.F32, 3, 2).named("embed_in.weight");
    Tensor bad = Tensor.of(new int[] {0, 3}, 2);
    Tensor column = bad.reshape(2, 1);
    assertThatThrownBy(() -> table.embedding(bad))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("embedding: id for 'embed_in.weight' F32[3, 2] 3 is not from 0 to 2");
    assertThatThrownBy(() -> table.indexSelect(0, Tensor.of(new long[] {-1})))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("index_select: index along axis 0 of 'embed_in.weight' F32[3, 2] -1 is not from 0 to 2");
    assertThatThrownBy(() -> table.gather(0, column)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> table.scatter(0, column, Tensor.zeros(DType.F32, 2, 1)))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void findsWhatIsNotFinite() {
    Tensor x = Tensor.of(new float[] {0, 1, 2, Float.NEGATIVE_INFINITY, 4, Float.NaN}, 3, 2).named("w");
    assertThatThrownBy(x::requireFinite)
        .isInstanceOf(NonFiniteException.class)
        .hasMessage("'w' F32[3, 2] is not finite at [1, 1]");
    assertThatThrownBy(x::prepare).isInstanceOf(NonFiniteException.class);
    Tensor.zeros(DType.F16, 0).requireFinite();
    assertThatThrownBy(() -> Tensor.zeros(DType.F32, 3).prepare())
        .isInstanceOf(ShapeException.class)
        .hasMessage("prepare: F32[3] is not a matrix of weights");
  }

  @Test
  void wrapsForeignMemory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(8);
      memory.set(ValueLayout.JAVA_FLOAT, 4, 7);
      boolean[] freed = {false};
      HostStorage storage = HostStorage.of(memory, () -> freed[0] = true);
      Tensor seven = Tensor.wrap(Tensor.zeros(DType.F32, 1).spec(), storage, 4);
      assertThat(seven.item()).isEqualTo(7);
      seven.close();
      assertThat(freed[0]).isTrue();
    }
    assertThatThrownBy(() -> HostStorage.of(MemorySegment.ofArray(new float[1]), () -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSumOfTenTenthsRoundsOnce() {
    Tensor tenths = Tensor.full(DType.F16, Shape.of(10), 0.1);
    float exact = 0;
    for (float each : tenths.toFloatArray()) {
      exact += each; // exact in F32
    }
    assertThat(tenths.sum().item()).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(exact)));
  }
}
