package io.garut.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Product;
import io.garut.tensor.op.Spec;
import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Plan;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every backend must do: each operation of the vocabulary, in each type, on awkward shapes, as the plain loops do it
 * within a bound that names its yardstick; leave its inputs alone; and replay a recorded plan to the bits of eager execution.
 *
 * <p>A subclass names its backend. The suite fails where an operation, or a constant of an enum that parametrises one, has no
 * case.
 */
public abstract class BackendConformance {
  private static final ReferenceBackend REFERENCE = new ReferenceBackend();
  private static final long FIRST = 1;
  private static final long SECOND = 2;

  /** For subclasses. */
  protected BackendConformance() {}

  /** The backend under test; the same one at every call, closed by the subclass. */
  protected abstract Backend backend();

  /**
   * Whether linear layers round their input to 8 bits for weights of {@code type}, as ggml does; products are then given half a
   * step of that rounding for each term.
   */
  protected boolean quantisesInput(DType type) {
    return false;
  }

  static ReferenceBackend reference() {
    return REFERENCE;
  }

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    all.addAll(PointwiseCases.all());
    all.addAll(MovementCases.all());
    all.addAll(ReductionCases.all());
    all.addAll(ProductCases.all());
    all.addAll(LayerCases.all());
    all.addAll(BackwardCases.all());
    all.addAll(UpdateCases.all());
    all.addAll(LargeCases.all());
    return all;
  }

  /** Every case, against the plain loops and replayed. */
  @TestFactory
  public Stream<DynamicNode> computesAsThePlainLoopsDo() {
    Map<Class<?>, List<Case>> byOperation = new HashMap<>();
    cases().forEach(each -> byOperation.computeIfAbsent(each.op().getClass(), c -> new ArrayList<>()).add(each));
    return byOperation.entrySet().stream()
        .map(e -> (DynamicNode) DynamicTest.dynamicTest(e.getKey().getSimpleName(), () -> checkAll(e.getValue())))
        .sorted((a, b) -> a.getDisplayName().compareTo(b.getDisplayName()));
  }

  /** Weights that were prepared: products, gathered rows, the way back to the plain layout, replay. */
  @TestFactory
  public Stream<DynamicNode> computesWithPreparedWeights() {
    return Stream.of(DType.values())
        .filter(type -> type.isFloat() || type.isBlock())
        .map(type -> DynamicTest.dynamicTest(type.name(), () -> checkPrepared(type)));
  }

  /** No operation of the sealed vocabulary, and no parameter of one, is without a case. */
  @Test
  public void hasACaseForEveryOperation() {
    Set<Object> missing = new LinkedHashSet<>();
    List<Case> cases = cases();
    for (Class<?> operation : operations(Op.class)) {
      List<Op> those = cases.stream().map(Case::op).filter(operation::isInstance).toList();
      if (those.isEmpty()) {
        missing.add(operation.getSimpleName());
      }
      for (RecordComponent component : operation.getRecordComponents()) {
        if (component.getType().isEnum() && component.getType() != DType.class) {
          Set<Object> rest = new LinkedHashSet<>(Arrays.asList(component.getType().getEnumConstants()));
          those.forEach(op -> rest.remove(value(component, op)));
          rest.forEach(constant -> missing.add(operation.getSimpleName() + " " + constant));
        }
      }
    }
    assertThat(missing).as("operations without a case").isEmpty();
  }

  private static Set<Class<?>> operations(Class<?> type) {
    if (!type.isSealed()) {
      return Set.of(type);
    }
    Set<Class<?>> all = new LinkedHashSet<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      all.addAll(operations(permitted));
    }
    return all;
  }

  private static Object value(RecordComponent component, Op op) {
    try {
      return component.getAccessor().invoke(op);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record's accessor is public", e);
    }
  }

  private void checkAll(List<Case> cases) {
    Set<String> failures = new LinkedHashSet<>();
    for (Case each : cases) {
      try {
        check(each.remembering());
      } catch (AssertionError | RuntimeException e) {
        failures.add(each + ": " + e);
      }
    }
    if (!failures.isEmpty()) {
      fail(failures.size() + " of " + cases.size() + " cases:\n" + String.join("\n", failures));
    }
  }

  private void check(Case each) {
    List<Outcome> plain = run(REFERENCE, each, FIRST);
    List<Outcome> fast = run(backend(), each, FIRST);
    compare(each, bound(each), fast, plain);
    assertBits("replay", replayed(each, false), run(backend(), each, SECOND));
  }

  private Bound bound(Case each) {
    boolean coarse = each.op() instanceof Product.Linear && quantisesInput(each.samples().get(1).dtype());
    return coarse ? ProductCases.quantised(each.bound()) : each.bound();
  }

  private void checkPrepared(DType type) {
    long block = type.blockSize();
    List<Case> cases = new ArrayList<>();
    for (long[] size : new long[][] {{1, 1, 1}, {5, 3, 2}, {31, 2, 1}, {32, 4, 3}, {33, 5, 13}, {67, 7, 1}, {129, 3, 70},
        {550, 40, 1}, {550, 40, 9}}) {
      long depth = type.isBlock() ? Math.ceilDiv(size[1] * 32, block) * block : size[1] * 27;
      cases.add(ProductCases.linear(Activation.IDENTITY, type, true, size[0], depth, size[2]));
      cases.add(ProductCases.linear(Activation.GELU, type, false, size[0], depth, size[2]));
      Sample ids = Sample.whole(DType.I32, 0, size[0] - 1, 9);
      cases.add(Case.exact(new Indexing.Embedding(), Sample.weight(type, size[0], depth), ids));
    }
    for (Case each : cases) {
      int weight = each.op() instanceof Indexing.Embedding ? 0 : 1;
      List<Outcome> plain = run(REFERENCE, each, FIRST);
      List<Outcome> fast =
          Executor.with(
              backend(),
              () -> {
                try (TensorScope _ = TensorScope.open()) {
                  Tensor[] inputs = each.inputs(FIRST);
                  byte[] before = bytes(inputs[weight]);
                  inputs[weight].prepare();
                  assertThat(bytes(inputs[weight])).as("%s: the weight, back in the plain layout", each).isEqualTo(before);
                  return outcomes(each.op(), inputs);
                }
              });
      compare(each, bound(each), fast, plain);
      assertBits("prepared, replayed: " + each, replayed(each, true), fast);
    }
  }

  /**
   * What an operation left: a result, or the input that it wrote into.
   *
   * @param bytes every NaN with all bits set: which one arithmetic makes is up to the order in which the JVM takes the operands
   * @param values null for integers, BOOL and blocks
   */
  private record Outcome(Spec spec, byte[] bytes, double[] values) {
    static Outcome of(Tensor tensor) {
      byte[] bytes = BackendConformance.bytes(tensor);
      double[] values = tensor.dtype().isFloat() ? tensor.toDoubleArray() : null;
      int size = tensor.dtype().blockBytes();
      for (int i = 0; values != null && i < values.length; i++) {
        if (Double.isNaN(values[i])) {
          Arrays.fill(bytes, i * size, (i + 1) * size, (byte) -1);
        }
      }
      return new Outcome(tensor.spec(), bytes, values);
    }

    /** Where {@code other} differs, and what is there in both. */
    String difference(Outcome other) {
      int at = Arrays.mismatch(bytes, other.bytes) / spec.dtype().blockBytes();
      String what = values == null ? "" : ": " + values[at] + " and " + other.values[at];
      return "element or block " + at + " differs" + what;
    }
  }

  private static List<Outcome> run(Backend backend, Case each, long seed) {
    return Executor.with(
        backend,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            Tensor[] inputs = each.inputs(seed);
            List<byte[]> before = Stream.of(inputs).map(BackendConformance::bytes).toList();
            List<Outcome> outcomes = outcomes(each.op(), inputs);
            for (int i = each.op().written(); i < inputs.length; i++) {
              assertThat(bytes(inputs[i])).as("input %d, which must stay as it is", i).isEqualTo(before.get(i));
            }
            return outcomes;
          }
        });
  }

  private static List<Outcome> outcomes(Op op, Tensor[] inputs) {
    Tensor[] results = Executor.current().apply(op, inputs);
    return changed(op, inputs, Stream.of(results));
  }

  /** The results, or the inputs that were written into. */
  private static List<Outcome> changed(Op op, Tensor[] inputs, Stream<Tensor> results) {
    return (op.written() > 0 ? Stream.of(inputs).limit(op.written()) : results).map(Outcome::of).toList();
  }

  /** Records with the first contents and replays with the second; a prepared weight keeps the first. */
  private List<Outcome> replayed(Case each, boolean prepared) {
    List<Tensor> kept = new ArrayList<>();
    Tensor[] inputs = Executor.with(backend(), () -> each.inputs(FIRST));
    if (prepared) {
      Executor.with(
          backend(),
          () -> {
            inputs[each.op() instanceof Indexing.Embedding ? 0 : 1].prepare();
            return null;
          });
    }
    try (Plan plan =
        Plan.record(backend(), () -> kept.addAll(List.of(Executor.current().apply(each.op(), inputs))))) {
      if (!prepared) {
        each.refill(inputs, SECOND);
      }
      plan.replay();
      return changed(each.op(), inputs, kept.stream());
    } finally {
      kept.forEach(Tensor::close);
      Stream.of(inputs).forEach(Tensor::close);
    }
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

  private static void assertBits(String what, List<Outcome> actual, List<Outcome> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      if (!Arrays.equals(actual.get(i).bytes(), expected.get(i).bytes())) {
        fail("%s, result %d: %s", what, i, actual.get(i).difference(expected.get(i)));
      }
    }
  }

  private static void compare(Case each, Bound bound, List<Outcome> fast, List<Outcome> plain) {
    assertThat(fast.stream().map(Outcome::spec)).isEqualTo(plain.stream().map(Outcome::spec).toList());
    for (int r = 0; r < plain.size(); r++) {
      double[] expected = plain.get(r).values();
      if (expected == null) {
        assertBits("against the plain loops", fast.subList(r, r + 1), plain.subList(r, r + 1));
      } else if (bound == Bound.EXACT) {
        double[] exact = new double[expected.length];
        assertClose(each, fast.get(r).values(), expected, exact, true);
      } else {
        double[] allowed = Executor.with(REFERENCE, () -> bound.allowed(each, FIRST, plain.getFirst().spec().dtype(),
            expected));
        assertClose(each, fast.get(r).values(), expected, allowed, false);
      }
    }
  }

  private static void assertClose(Case each, double[] fast, double[] plain, double[] allowed, boolean exact) {
    for (int i = 0; i < plain.length; i++) {
      boolean same = Double.compare(fast[i], plain[i]) == 0; // NaN equals NaN, -0 does not equal 0
      boolean close = !exact && Math.abs(fast[i] - plain[i]) <= allowed[i]; // infinities only equal themselves
      if (!same && !close) {
        fail("%s: element %d is %s, the plain loops have %s, at most %s apart", each, i, fast[i], plain[i], allowed[i]);
      }
    }
  }
}
