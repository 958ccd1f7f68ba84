package io.garut.tensor.op;

import static io.garut.tensor.DType.BOOL;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;
import static io.garut.tensor.DType.I32;
import static io.garut.tensor.DType.I64;
import static io.garut.tensor.DType.Q4_0;
import static io.garut.tensor.DType.Q6_K;
import static io.garut.tensor.DType.Q8_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Logic;
import io.garut.tensor.op.Pointwise.Relation;
import io.garut.tensor.op.Reduction.Fold;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What does not fit is refused, in words that say what to do. */
class ShapeRuleTest {
  private static final Pointwise.Binary ADD = new Pointwise.Binary(Function2.ADD);
  private static final Product.Linear LINEAR = new Product.Linear(Activation.IDENTITY);

  private static Spec of(DType type, long... dims) {
    return Spec.of(type, Shape.of(dims));
  }

  private static Arguments refused(String message, Op op, Spec... inputs) {
    return arguments(message, op, inputs);
  }

  static Stream<Arguments> pointwise() {
    return Stream.of(
        refused("add: takes 2 inputs, got 1", ADD, of(F32, 2)),
        refused("add: F32[2] and F64[2] differ in type; cast one of them", ADD, of(F32, 2), of(F64, 2)),
        refused("add: does not take BOOL[2]", ADD, of(BOOL, 2), of(BOOL, 2)),
        refused("add: does not take Q8_0[32]", ADD, of(Q8_0, 32), of(Q8_0, 32)),
        refused("add: [2, 3] and [2] do not broadcast; lengths must be equal or 1, counted from the last axis",
            ADD, of(F32, 2, 3), of(F32, 2)),
        refused("pow: does not take I32[2]", new Pointwise.Binary(Function2.POW), of(I32, 2), of(I32, 2)),
        refused("exp: does not take I32[2]", new Pointwise.Unary(Function.EXP), of(I32, 2)),
        refused("abs: does not take BOOL[2]", new Pointwise.Unary(Function.ABS), of(BOOL, 2)),
        refused("not: does not take F32[2]", new Pointwise.Is(Pointwise.Test.NOT), of(F32, 2)),
        refused("is_nan: does not take I32[2]", new Pointwise.Is(Pointwise.Test.IS_NAN), of(I32, 2)),
        refused("gelu: I32[2] must be floating-point (F64, F32, F16 or BF16)",
            new Pointwise.Activate(Activation.GELU), of(I32, 2)),
        refused("lt: Q8_0[32] is in a block format; cast it to F32 first",
            new Pointwise.Compare(Relation.LT), of(Q8_0, 32), of(Q8_0, 32)),
        refused("and: takes BOOL, not BOOL[2] and I32[2]", new Pointwise.Combine(Logic.AND), of(BOOL, 2), of(I32, 2)),
        refused("where: the condition F32[2] must be BOOL", new Pointwise.Where(), of(F32, 2), of(F32, 2), of(F32, 2)),
        refused("cast: I32[32] cannot become Q8_0; only Q8_0 and Q4_0 are made, from floating-point tensors",
            new Pointwise.Cast(Q8_0), of(I32, 32)),
        refused("cast: F32[256] cannot become Q6_K; only Q8_0 and Q4_0 are made, from floating-point tensors",
            new Pointwise.Cast(Q6_K), of(F32, 256)),
        refused("cast: Q8_0 holds blocks of 32 along the last axis; that of F32[4, 33] is 33 long",
            new Pointwise.Cast(Q8_0), of(F32, 4, 33)),
        refused("cast: Q8_0[32] decodes to a floating-point type only", new Pointwise.Cast(I32), of(Q8_0, 32)),
        refused("full: Q8_0 is a block format; make F32 and cast it", new Creation.Full(Q8_0, Shape.of(32), 0)),
        refused("full: 0.5 is not of type I32", new Creation.Full(I32, Shape.of(2), 0.5)),
        refused("full: NaN is not of type I64", new Creation.Full(I64, Shape.of(2), Double.NaN)),
        refused("full: 2.147483648E9 is not of type I32", new Creation.Full(I32, Shape.of(2), 0x1p31)),
        refused("arange: 0.0 and 0.5 are not both of type I32", new Creation.Arange(I32, 3, 0, 0.5)),
        refused("arange: cannot count in BOOL", new Creation.Arange(BOOL, 3, 0, 1)),
        refused("randn: takes F32 or F64, not F16[2]; cast it", new Creation.Randn(F16, Shape.of(2), 1)));
  }

  static Stream<Arguments> movement() {
    return Stream.of(
        refused("reshape: F32[2, 3] has 6 elements, [4] has 4", new Movement.Reshape(Shape.of(4)), of(F32, 2, 3)),
        refused("reshape: [4, 16] would cut the blocks of Q4_0[2, 32]",
            new Movement.Reshape(Shape.of(4, 16)), of(Q4_0, 2, 32)),
        refused("permute: axes [0, 0] must name each axis of F32[2, 3] once",
            new Movement.Permute(List.of(0, 0)), of(F32, 2, 3)),
        refused("permute: no axis 2 in [2, 3], which has 2", new Movement.Permute(List.of(2, 0)), of(F32, 2, 3)),
        refused("broadcast_to: F32[2, 3] does not stretch to [3]", new Movement.BroadcastTo(Shape.of(3)), of(F32, 2, 3)),
        refused("slice: start 2, length 2, step 1 leave axis 0 of F32[3]", new Movement.Slice(0, 2, 2, 1), of(F32, 3)),
        refused("slice: start 0, length 2, step 0 leave axis 0 of F32[3]", new Movement.Slice(0, 0, 2, 0), of(F32, 3)),
        refused("slice: start 1, length 2, step 9223372036854775807 leave axis 0 of F32[3]",
            new Movement.Slice(0, 1, 2, Long.MAX_VALUE), of(F32, 3)),
        refused("slice: no axis 1 in [3], which has 1", new Movement.Slice(1, 0, 1, 1), of(F32, 3)),
        refused("slice: would cut the blocks of Q8_0[64]", new Movement.Slice(0, 16, 32, 1), of(Q8_0, 64)),
        refused("concat: F32[2, 3] and F32[2, 4] differ elsewhere than along axis 0",
            new Movement.Concat(0), of(F32, 2, 3), of(F32, 2, 4)),
        refused("concat: takes 1 to 2147483647 inputs, got 0", new Movement.Concat(0)),
        refused("gather: F32[2, 3] and index I64[2] differ in rank",
            new Indexing.Gather(0), of(F32, 2, 3), of(I64, 2)),
        refused("gather: index I64[2, 4] is longer than F32[2, 3] along axis 1",
            new Indexing.Gather(0), of(F32, 2, 3), of(I64, 2, 4)),
        refused("gather: the index F32[2, 3] must be I32 or I64", new Indexing.Gather(0), of(F32, 2, 3), of(F32, 2, 3)),
        refused("scatter: index I64[2] and source F32[1] differ in shape",
            new Indexing.Scatter(0, false), of(F32, 2), of(I64, 2), of(F32, 1)),
        refused("scatter_add: cannot add BOOL BOOL[2]",
            new Indexing.Scatter(0, true), of(BOOL, 2), of(I64, 2), of(BOOL, 2)),
        refused("index_select: the index I64[2, 2] must be [any]",
            new Indexing.IndexSelect(0), of(F32, 2), of(I64, 2, 2)),
        refused("index_select: no axis 1 in [2], which has 1", new Indexing.IndexSelect(1), of(F32, 2), of(I64, 2)),
        refused("embedding: the table F32[2] must be [any, any]", new Indexing.Embedding(), of(F32, 2), of(I64, 2)),
        refused("embedding: the table I32[2, 2] must be floating-point or quantised",
            new Indexing.Embedding(), of(I32, 2, 2), of(I64, 2)));
  }

  static Stream<Arguments> reductions() {
    return Stream.of(
        refused("mean: does not take I32[2]", new Reduction.Reduce(Fold.MEAN, List.of(), false), of(I32, 2)),
        refused("any: does not take F32[2]", new Reduction.Reduce(Fold.ANY, List.of(), false), of(F32, 2)),
        refused("max: of no elements, in F32[2, 0]", new Reduction.Reduce(Fold.MAX, List.of(1), false), of(F32, 2, 0)),
        refused("sum: axes [0, -2] of [2, 3] name one twice",
            new Reduction.Reduce(Fold.SUM, List.of(0, -2), false), of(F32, 2, 3)),
        refused("sum: no axis 2 in [2, 3], which has 2",
            new Reduction.Reduce(Fold.SUM, List.of(2), false), of(F32, 2, 3)),
        refused("argmin: of no elements, in F32[0]", new Reduction.ArgMax(0, true, false), of(F32, 0)),
        refused("argmax: no axis 0 in [], which has 0", new Reduction.ArgMax(0, false, false), of(F32)),
        refused("top_k: F32[2, 3] does not have 4 along its last axis", new Reduction.TopK(4), of(F32, 2, 3)),
        refused("softmax: I32[2] must be floating-point (F64, F32, F16 or BF16)",
            new Reduction.Softmax(0, false), of(I32, 2)),
        refused("log_softmax: no axis 1 in [2], which has 1", new Reduction.Softmax(1, true), of(F32, 2)),
        refused("first_non_finite: does not take I32[2]", new Reduction.FirstNonFinite(), of(I32, 2)));
  }

  static Stream<Arguments> products() {
    return Stream.of(
        refused("matmul: takes F32 or F64, not F16[2, 2]; cast it",
            new Product.MatMul(false, false), of(F16, 2, 2), of(F16, 2, 2)),
        refused("matmul: F32[2] and F32[2, 2] need two axes or more; reshape a vector to a matrix",
            new Product.MatMul(false, false), of(F32, 2), of(F32, 2, 2)),
        refused("matmul: inner dimensions differ: F32[2, 3] and F32[2, 3]",
            new Product.MatMul(false, false), of(F32, 2, 3), of(F32, 2, 3)),
        refused("matmul: inner dimensions differ: F32[3, 2] and F32[2, 2], the first transposed",
            new Product.MatMul(true, false), of(F32, 3, 2), of(F32, 2, 2)),
        refused("matmul: inner dimensions differ: F32[3, 2] and F32[5, 4], the first transposed, the second transposed",
            new Product.MatMul(true, true), of(F32, 3, 2), of(F32, 5, 4)),
        refused("matmul: [2] and [3] do not broadcast; lengths must be equal or 1, counted from the last axis",
            new Product.MatMul(false, false), of(F32, 2, 4, 4), of(F32, 3, 4, 4)),
        refused("linear: input F32[2, 768] has 768 features, weight 'layers.3.dense.weight' F16[9, 1024] expects 1024",
            LINEAR, of(F32, 2, 768), new Spec(F16, Shape.of(9, 1024), "layers.3.dense.weight")),
        refused("linear: weight F64[3, 2] does not go with input F32[2]", LINEAR, of(F32, 2), of(F64, 3, 2)),
        refused("linear: takes F32 or F64, not F16[2]; cast it", LINEAR, of(F16, 2), of(F16, 3, 2)),
        refused("linear: the bias F32[2] must be [3]", LINEAR, of(F32, 2), of(F32, 3, 2), of(F32, 2)),
        refused("layer_norm: the weight F32[3] must be [4]",
            new Layer.LayerNorm(1e-5), of(F32, 2, 4), of(F32, 3), of(F32, 4)),
        refused("rotary: F32[8, 4] rotates more than a head of F32[3, 2, 6]",
            new Layer.Rotary(), of(F32, 3, 2, 6), of(I32, 3), of(F32, 8, 4), of(F32, 8, 4)),
        refused("rotary: the positions I64[3] must be I32",
            new Layer.Rotary(), of(F32, 3, 2, 6), of(I64, 3), of(F32, 8, 3), of(F32, 8, 3)),
        refused("attention: F32[3, 4, 8]: its heads are not a multiple of 3 key heads",
            new Layer.Attention(1), of(F32, 3, 4, 8), of(F32, 3, 3, 8), of(F32, 3, 3, 8), of(I32, 3)),
        refused("append_cache: a cache is F32 or F16, not F64[1, 2, 9, 8]",
            new Layer.AppendCache(), of(F64, 1, 2, 9, 8), of(F32, 3, 2, 8), of(I32, 3), of(I32, 3)),
        refused("append_cache: the rows F32[3, 2, 7] must be [any, 2, 8]",
            new Layer.AppendCache(), of(F32, 1, 2, 9, 8), of(F32, 3, 2, 7), of(I32, 3), of(I32, 3)),
        refused("cached_attention: slots I32[2] must be [3]",
            new Layer.CachedAttention(1), of(F32, 3, 4, 8), of(F32, 1, 2, 9, 8), of(F32, 1, 2, 9, 8), of(I32, 2), of(I32, 3)),
        refused("cross_entropy: the labels I32[2] must be [3]", new Layer.CrossEntropy(), of(F32, 3, 9), of(I32, 2)));
  }

  @ParameterizedTest
  @MethodSource({"pointwise", "movement", "reductions", "products"})
  void refuses(String message, Op op, Spec... inputs) {
    assertThatThrownBy(() -> op.infer(inputs)).isInstanceOf(ShapeException.class).hasMessage(message);
  }

  @Test
  void aSpecDoesNotCutBlocks() {
    assertThatThrownBy(() -> new Spec(Q8_0, Shape.of(2, 16), "w"))
        .isInstanceOf(ShapeException.class)
        .hasMessage("'w' Q8_0[2, 16]: the last axis must be a multiple of 32, the size of a block of Q8_0");
  }

  @Test
  void describesResults() {
    assertThat(ADD.infer(of(I32, 2, 1), of(I32, 3))).containsExactly(of(I32, 2, 3));
    assertThat(new Pointwise.Compare(Relation.LT).infer(of(F32, 3), of(F32, 3))).containsExactly(of(BOOL, 3));
    assertThat(new Reduction.Reduce(Fold.SUM, List.of(-1, 0), false).infer(of(F32, 2, 3, 4))).containsExactly(of(F32, 3));
    assertThat(new Reduction.Reduce(Fold.SUM, List.of(-1, 0), true).infer(of(F32, 2, 3, 4)))
        .containsExactly(of(F32, 1, 3, 1));
    assertThat(new Reduction.TopK(2).infer(of(F16, 2, 3))).containsExactly(of(F16, 2, 2), of(I64, 2, 2));
    assertThat(new Product.MatMul(true, true).infer(of(F32, 5, 1, 3, 2), of(F32, 4, 6, 3)))
        .containsExactly(of(F32, 5, 4, 2, 6));
    assertThat(LINEAR.infer(of(F32, 2, 5, 32), of(Q4_0, 7, 32))).containsExactly(of(F32, 2, 5, 7));
    assertThat(new Indexing.Embedding().infer(of(Q8_0, 9, 32), of(I32, 2, 3))).containsExactly(of(F32, 2, 3, 32));
    assertThat(new Layer.AppendCache().infer(of(F16, 1, 2, 9, 8), of(F32, 3, 2, 8), of(I32, 3), of(I32, 3))).isEmpty();
  }
}
