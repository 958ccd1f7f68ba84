package io.garut.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.SplitMix64;
import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Executor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

/** Laws that hold for all shapes and values. */
class TensorPropertyTest {
  private static final ReferenceBackend BACKEND = new ReferenceBackend();
  private static final String SEED = "20260101";

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  private static void computing(Runnable body) {
    Executor.with(
        BACKEND,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            body.run();
          }
          return null;
        });
  }

  @Provide
  Arbitrary<List<Integer>> dims() {
    return Arbitraries.integers().between(1, 5).list().ofMaxSize(4);
  }

  @Provide
  Arbitrary<DType> plain() {
    return Arbitraries.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.I64, DType.I32, DType.BOOL);
  }

  private static Shape shape(List<Integer> dims) {
    return Shape.of(dims.stream().mapToLong(d -> d).toArray());
  }

  private static Tensor numbered(DType type, Shape shape) {
    Tensor all = Tensor.arange(DType.I32, shape.elements());
    return all.cast(type).reshape(shape.toArray());
  }

  /** The row-major index of element {@code at} of {@code to} in {@code from}, which is broadcast to it. */
  private static int source(Shape from, Shape to, long at) {
    long index = 0;
    long[] strides = from.strides();
    for (int axis = to.rank() - 1, rest = 0; axis >= 0; axis--, rest++) {
      long here = at % to.dim(axis);
      at /= to.dim(axis);
      int own = from.rank() - 1 - rest;
      if (own >= 0 && from.dim(own) > 1) {
        index += here * strides[own];
      }
    }
    return (int) index;
  }

  @Property(tries = 200, seed = SEED)
  void broadcastsAsTheIndexRuleSays(@ForAll("dims") List<Integer> dims, @ForAll @IntRange(max = 255) int mask) {
    computing(
        () -> {
          Shape full = shape(dims);
          long[] left = full.toArray();
          long[] right = full.toArray();
          for (int i = 0; i < left.length; i++) {
            left[i] = (mask >> i & 1) == 1 ? 1 : left[i];
            right[i] = (mask >> i + 4 & 1) == 1 ? 1 : right[i];
          }
          int cut = right.length > 0 && right[0] == 1 ? 1 : 0; // leading axes may be absent
          Tensor a = numbered(DType.I32, Shape.of(left));
          Tensor b = numbered(DType.I32, Shape.of(Arrays.copyOfRange(right, cut, right.length))).plus(100);
          Tensor sum = a.plus(b);
          int[] x = a.toIntArray();
          int[] y = b.toIntArray();
          int[] z = sum.toIntArray();
          for (int i = 0; i < z.length; i++) {
            assertThat(z[i]).isEqualTo(x[source(a.shape(), sum.shape(), i)] + y[source(b.shape(), sum.shape(), i)]);
          }
          assertThat(a.broadcastTo(sum.shape().toArray()).plus(b).toIntArray()).isEqualTo(z);
        });
  }

  @Property(tries = 200, seed = SEED)
  void permutingBackRestores(@ForAll("plain") DType type, @ForAll("dims") List<Integer> dims, @ForAll long seed) {
    computing(
        () -> {
          Tensor x = numbered(type, shape(dims));
          int[] axes = shuffled(dims.size(), seed);
          int[] inverse = new int[axes.length];
          for (int i = 0; i < axes.length; i++) {
            inverse[axes[i]] = i;
          }
          Tensor there = x.permute(axes);
          for (int i = 0; i < axes.length; i++) {
            assertThat(there.shape().dim(i)).isEqualTo(x.shape().dim(axes[i]));
          }
          assertThat(there.permute(inverse).toDoubleArray()).isEqualTo(x.toDoubleArray());
        });
  }

  private static int[] shuffled(int count, long seed) {
    int[] all = new int[count];
    for (int i = 0; i < count; i++) {
      int j = (int) Math.floorMod(SplitMix64.bits(seed, i), (long) i + 1);
      all[i] = all[j];
      all[j] = i;
    }
    return all;
  }

  @Property(tries = 200, seed = SEED)
  void slicesPutTogetherAreTheWhole(
      @ForAll("plain") DType type, @ForAll("dims") List<Integer> dims, @ForAll @IntRange(max = 99) int where) {
    computing(
        () -> {
          Tensor x = numbered(type, shape(dims));
          for (int axis = 0; axis < dims.size(); axis++) {
            long size = x.shape().dim(axis);
            long cut = where % (size + 1);
            Tensor whole = Tensor.concat(axis, x.slice(axis, 0, cut), x.slice(axis, cut, size));
            assertThat(whole.shape()).isEqualTo(x.shape());
            assertThat(whole.toDoubleArray()).isEqualTo(x.toDoubleArray());
            int step = 1 + where % 3;
            long[] every = LongStream.iterate(cut, i -> i < size, i -> i + step).toArray();
            assertThat(x.slice(axis, cut, size, step).toDoubleArray())
                .isEqualTo(x.indexSelect(axis, Tensor.of(every)).toDoubleArray());
          }
        });
  }

  @Property(tries = 200, seed = SEED)
  void whatIsScatteredCanBeGathered(@ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 6) int columns, @ForAll @IntRange(max = 1) int axis, @ForAll long seed) {
    computing(
        () -> {
          int length = axis == 0 ? rows : columns;
          int lines = axis == 0 ? columns : rows;
          Tensor order = Tensor.of(lines(lines, length, seed), lines, length); // each line names every place once
          Tensor index = axis == 0 ? order.transpose() : order;
          Tensor source = Tensor.randn(Shape.of(rows, columns), seed);
          Tensor target = Tensor.zeros(DType.F32, rows, columns);
          Tensor scattered = target.scatter(axis, index, source);
          assertThat(scattered.gather(axis, index).toFloatArray()).isEqualTo(source.toFloatArray());
          assertThat(target.scatterAdd(axis, index, source).toFloatArray()).isEqualTo(scattered.toFloatArray());
          assertThat(target.toFloatArray()).containsOnly(0);
        });
  }

  private static int[] lines(int lines, int length, long seed) {
    int[] all = new int[lines * length];
    for (int line = 0; line < lines; line++) {
      System.arraycopy(shuffled(length, seed + line), 0, all, line * length, length);
    }
    return all;
  }

  @Property(tries = 500, seed = SEED)
  void narrowFloatsSurviveTheWayThroughWiderOnes(@ForAll short bits) {
    computing(
        () -> {
          for (DType narrow : List.of(DType.F16, DType.BF16)) {
            Tensor x = Tensor.empty(narrow, Shape.of(1));
            x.segment().set(ValueLayout.JAVA_SHORT, 0, bits);
            double value = x.item();
            for (DType wide : List.of(DType.F32, DType.F64)) {
              assertThat(x.cast(wide).toDoubleArray()).isEqualTo(new double[] {value});
              assertThat(x.cast(wide).cast(narrow).toDoubleArray()).isEqualTo(new double[] {value});
            }
          }
        });
  }

  @Property(tries = 500, seed = SEED)
  void integersSurviveTheWayThroughWiderTypes(@ForAll int value) {
    computing(
        () -> {
          Tensor x = Tensor.of(new int[] {value});
          for (DType wide : List.of(DType.I64, DType.F64)) {
            assertThat(x.cast(wide).cast(DType.I32).toIntArray()).containsExactly(value);
          }
          assertThat(x.cast(DType.F32).item()).isEqualTo((float) value);
        });
  }

  @Property(tries = 500, seed = SEED)
  void longsBecomeTheNearestFloats(@ForAll long value) {
    computing(
        () -> {
          Tensor x = Tensor.of(new long[] {value});
          assertThat(x.cast(DType.F64).item()).isEqualTo((double) value);
          assertThat(x.cast(DType.F32).item()).isEqualTo((float) value);
        });
  }

  @Property(tries = 100, seed = SEED)
  void productsAgreeHoweverTheyAreWritten(@ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll @IntRange(min = 1, max = 7) int rows, @ForAll @IntRange(min = 1, max = 7) int depth,
      @ForAll @IntRange(min = 1, max = 7) int columns, @ForAll long seed) {
    computing(
        () -> {
          Tensor a = Tensor.randn(Shape.of(batch, rows, depth), seed).times(64).map(Function.ROUND);
          Tensor b = Tensor.randn(Shape.of(depth, columns), seed + 1).times(64).map(Function.ROUND);
          Tensor product = a.matmul(b); // of small integers: exact
          assertThat(a.matmulTransposed(b.transpose()).toFloatArray()).isEqualTo(product.toFloatArray());
          assertThat(b.transpose().matmul(a.transpose()).transpose().toFloatArray()).isEqualTo(product.toFloatArray());
          Tensor outer = a.reshape(batch, rows, depth, 1).times(b.reshape(1, 1, depth, columns));
          assertThat(outer.sum(2).toFloatArray()).isEqualTo(product.toFloatArray());
        });
  }

  @Property(tries = 100, seed = SEED)
  void sumsOverSomeAxesAndThenTheOthersAreSumsOverAll(@ForAll("dims") List<Integer> dims) {
    computing(
        () -> {
          Tensor x = numbered(DType.I64, shape(dims));
          long all = x.elements() * (x.elements() - 1) / 2;
          assertThat(x.sum().item()).isEqualTo((double) all);
          Tensor rest = x;
          while (rest.shape().rank() > 0) {
            rest = rest.sum(0);
          }
          assertThat(rest.item()).isEqualTo((double) all);
        });
  }

  @Property(tries = 100, seed = SEED)
  void theFirstOfTheTopIsTheArgMax(@ForAll @IntRange(min = 1, max = 9) int length, @ForAll long seed) {
    computing(
        () -> {
          Tensor x = Tensor.randn(Shape.of(3, length), seed).times(2).cast(DType.I32); // with equals
          Tensor[] sorted = x.topK(length);
          assertThat(sorted[1].select(1, 0).toLongArray()).isEqualTo(x.argmax(1).toLongArray());
          assertThat(x.gather(1, sorted[1]).toIntArray()).isEqualTo(sorted[0].toIntArray());
          for (int row = 0; row < 3; row++) {
            int[] values = sorted[0].select(0, row).toIntArray();
            long[] places = sorted[1].select(0, row).toLongArray();
            for (int i = 1; i < length; i++) {
              assertThat(values[i]).isLessThanOrEqualTo(values[i - 1]);
              assertThat(values[i] < values[i - 1] || places[i] > places[i - 1]).isTrue();
            }
          }
        });
  }
}
