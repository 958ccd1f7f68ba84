package io.garut.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Logic;
import io.garut.tensor.op.Pointwise.Relation;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Executor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What NumPy, PyTorch, Transformers and mpmath make of small tensors (src/test/python/tensor_fixtures.py). */
class TensorFixtureTest {
  private static final ReferenceBackend BACKEND = new ReferenceBackend();

  @AfterAll
  static void close() {
    BACKEND.close();
  }

  @TestFactory
  Stream<DynamicTest> agreesWithPyTorch() throws IOException {
    JsonNode cases;
    try (InputStream file = TensorFixtureTest.class.getResourceAsStream("fixtures.json")) {
      cases = new ObjectMapper().readTree(file);
    }
    return IntStream.range(0, cases.size())
        .mapToObj(
            i -> {
              JsonNode each = cases.get(i);
              String name = i + " " + each.get("op").asText() + " " + each.get("parameters");
              return DynamicTest.dynamicTest(name, () -> Executor.with(BACKEND, () -> check(each)));
            });
  }

  private static Void check(JsonNode each) {
    Tensor[] inputs =
        StreamSupport.stream(each.get("inputs").spliterator(), false)
            .map(TensorFixtureTest::tensor)
            .toArray(Tensor[]::new);
    Tensor[] results = compute(each.get("op").asText(), each.get("parameters"), inputs);
    JsonNode outputs = each.get("outputs");
    assertThat(results).hasSize(outputs.size());
    for (int i = 0; i < results.length; i++) {
      JsonNode output = outputs.get(i);
      assertThat(results[i].dtype().name()).isEqualTo(output.get("dtype").asText());
      assertThat(results[i].shape()).isEqualTo(shape(output));
      assertClose(results[i], values(output));
    }
    return null;
  }

  /**
   * Integers, BOOL and moved elements are equal; computed F32 is the float64 result rounded, give or take one ulp, and what
   * float64 itself loses where PyTorch adds terms of up to 12 that cancel (1 + erf in GELU).
   */
  private static void assertClose(Tensor result, double[] expected) {
    double[] actual = result.toDoubleArray();
    for (int i = 0; i < expected.length; i++) {
      double ulp =
          switch (result.dtype()) {
            case F64 -> Math.ulp(expected[i]);
            case F32 -> Math.ulp((float) expected[i]) + 12 * 0x1p-53;
            default -> 0;
          };
      if (Double.compare(actual[i], expected[i]) != 0) {
        assertThat(Math.abs(actual[i] - expected[i]))
            .as("element %d: %s, not %s", i, actual[i], expected[i])
            .isLessThanOrEqualTo(ulp);
      }
    }
  }

  private static Tensor tensor(JsonNode node) {
    Tensor values = Tensor.of(values(node));
    return values.cast(DType.valueOf(node.get("dtype").asText())).reshape(shape(node).toArray());
  }

  private static Shape shape(JsonNode node) {
    return Shape.of(longs(node.get("shape")));
  }

  private static double[] values(JsonNode node) {
    return StreamSupport.stream(node.get("values").spliterator(), false)
        .mapToDouble(value -> value.isNumber() ? value.asDouble() : Double.parseDouble(value.asText()))
        .toArray();
  }

  private static long[] longs(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).mapToLong(JsonNode::asLong).toArray();
  }

  private static int[] ints(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static Tensor[] apply(Op op, Tensor... inputs) {
    return Executor.current().apply(op, inputs);
  }

  private static Tensor[] compute(String op, JsonNode with, Tensor[] in) {
    return switch (op) {
      case "top_k" -> in[0].topK(with.get("k").asInt());
      case "layer_norm" -> apply(new Layer.LayerNorm(with.get("epsilon").asDouble()), in);
      case "rotary" -> apply(new Layer.Rotary(), in);
      case "attention" -> apply(new Layer.Attention((float) with.get("scale").asDouble()), in);
      case "cached_attention" -> apply(new Layer.CachedAttention((float) with.get("scale").asDouble()), in);
      case "cross_entropy" -> apply(new Layer.CrossEntropy(), in);
      case "argmin" -> apply(new Reduction.ArgMax(with.get("axis").asInt(), true, false), in);
      default -> new Tensor[] {one(op, with, in)};
    };
  }

  private static Tensor one(String op, JsonNode with, Tensor[] in) {
    Tensor x = in.length == 0 ? null : in[0];
    return switch (op) {
      case "where" -> x.where(in[1], in[2]);
      case "cast" -> x.cast(DType.valueOf(with.get("to").asText()));
      case "activate" -> x.activate(Activation.valueOf(with.get("activation").asText()));
      case "is_nan" -> x.isNan();
      case "is_finite" -> x.isFinite();
      case "argmax" -> x.argmax(with.get("axis").asInt());
      case "softmax" -> x.softmax(with.get("axis").asInt());
      case "log_softmax" -> x.logSoftmax(with.get("axis").asInt());
      case "permute" -> x.permute(ints(with.get("axes")));
      case "transpose" -> x.transpose();
      case "broadcast_to" -> x.broadcastTo(longs(with.get("shape")));
      case "slice" -> x.slice(with.get("axis").asInt(), with.get("start").asLong(), with.get("stop").asLong(),
          with.get("step").asLong());
      case "select" -> x.select(with.get("axis").asInt(), with.get("index").asLong());
      case "concat" -> Tensor.concat(with.get("axis").asInt(), in);
      case "gather" -> x.gather(with.get("axis").asInt(), in[1]);
      case "scatter" -> x.scatter(with.get("axis").asInt(), in[1], in[2]);
      case "scatter_add" -> x.scatterAdd(with.get("axis").asInt(), in[1], in[2]);
      case "index_select" -> x.indexSelect(with.get("axis").asInt(), in[1]);
      case "embedding" -> x.embedding(in[1]);
      case "matmul" -> x.matmul(in[1]);
      case "matmul_transposed" -> x.matmulTransposed(in[1]);
      case "linear" -> {
        Activation activation = Activation.valueOf(with.get("activation").asText());
        yield x.linear(in[1], in.length == 3 ? in[2] : null, activation);
      }
      case "and", "or", "xor" -> apply(new Pointwise.Combine(Logic.valueOf(upper(op))), in)[0];
      case "eq", "ne", "lt", "le", "gt", "ge" -> x.compare(Relation.valueOf(upper(op)), in[1]);
      case "add", "sub", "mul", "div", "pow" -> apply(new Pointwise.Binary(Function2.valueOf(upper(op))), in)[0];
      case "max", "min" ->
          in.length == 2 ? apply(new Pointwise.Binary(Function2.valueOf(upper(op))), in)[0] : reduced(op, with, x);
      case "sum", "mean", "prod" -> reduced(op, with, x);
      default -> x.map(Function.valueOf(upper(op)));
    };
  }

  private static Tensor reduced(String op, JsonNode with, Tensor x) {
    Fold fold = Fold.valueOf(upper(op));
    int[] axes = ints(with.get("axes"));
    return with.get("keep").asBoolean() ? x.reduceKeeping(fold, axes) : x.reduce(fold, axes);
  }

  private static String upper(String op) {
    return op.toUpperCase(Locale.ROOT);
  }
}
