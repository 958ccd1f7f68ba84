package io.garut.cpu;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Product;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Plan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/** Digests of what kernels make of fixed inputs: equal digests stand for equal bits. */
final class KernelDigests {
  /** An operation on inputs; those at {@code prepared} are prepared first. */
  private record Case(String name, Op op, int prepared, Tensor... inputs) {}

  /** How often an update is repeated. */
  private static final int UPDATES = 50;

  private final List<Case> cases = new ArrayList<>();

  private KernelDigests() {}

  /** Prints the digests of every kernel, run once. The argument is the number of threads. */
  public static void main(String[] arguments) {
    try (CpuBackend backend = new CpuBackend(Integer.parseInt(arguments[0]))) {
      of(backend, 0).forEach((name, digests) -> System.out.println("digest " + name + " = " + digests));
    }
  }

  /**
   * The digests of every kernel's results: of the first run, and of the last after running again and again for
   * {@code millis}; one if they are equal.
   */
  static Map<String, String> of(CpuBackend backend, int millis) {
    return Executor.with(
        backend,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            KernelDigests digests = new KernelDigests();
            digests.pointwise();
            digests.reductions();
            digests.layers();
            digests.attention();
            digests.products();
            digests.backward();
            digests.updates();
            digests.sums();
            Map<String, String> all = new LinkedHashMap<>();
            digests.cases.forEach(each -> all.put(each.name, run(backend, each, millis)));
            return all;
          }
        });
  }

  private static String run(CpuBackend backend, Case each, int millis) {
    if (each.prepared >= 0) {
      each.inputs[each.prepared].prepare();
    }
    List<Tensor> results = new ArrayList<>();
    TreeSet<String> digests = new TreeSet<>();
    try (Plan plan =
        Plan.record(backend, () -> results.addAll(List.of(Executor.current().apply(each.op, each.inputs))))) {
      List<Tensor> left = results.isEmpty() ? List.of(each.inputs).subList(0, each.op.written()) : results;
      if (each.op instanceof Update) { // which goes on from where it was
        for (int i = 0; i < UPDATES; i++) {
          plan.replay();
        }
        return digest(left);
      }
      digests.add(digest(left));
      long end = System.nanoTime() + millis * 1_000_000L;
      while (System.nanoTime() < end) {
        for (int i = 0; i < 20; i++) {
          plan.replay();
        }
      }
      digests.add(digest(left));
      results.forEach(Tensor::close);
    }
    return String.join(" then ", digests);
  }

  private static String digest(List<Tensor> tensors) {
    CRC32C sum = new CRC32C();
    for (Tensor tensor : tensors) {
      MemorySegment segment = tensor.segment();
      for (long i = 0; i < segment.byteSize() && tensor.dtype() == DType.F32; i += 4) {
        if (Float.isNaN(segment.get(ValueLayout.JAVA_FLOAT, i))) {
          segment.set(ValueLayout.JAVA_FLOAT, i, Float.NaN); // which NaN is up to the JVM
        }
      }
      sum.update(segment.toArray(ValueLayout.JAVA_BYTE));
    }
    return Long.toHexString(sum.getValue());
  }

  private void add(Op op, Tensor... inputs) {
    add(op, -1, inputs);
  }

  private void add(Op op, int prepared, Tensor... inputs) {
    StringBuilder name = new StringBuilder(op.toString()).append(prepared < 0 ? "" : " prepared");
    for (Tensor input : inputs) {
      name.append(' ').append(input);
    }
    cases.add(new Case(name.toString(), op, prepared, inputs));
  }

  private static Tensor normal(long... dims) {
    return Tensor.randn(Shape.of(dims), 31 + dims.length);
  }

  private void pointwise() {
    Tensor x = Tensor.concat(0, normal(101).times(4), Tensor.of(new float[] {0, -0f, 1e-40f, 1e30f, -1e30f, 88, -90}));
    for (Pointwise.Function function : Pointwise.Function.values()) {
      add(new Pointwise.Unary(function), x);
    }
    for (Activation activation : Activation.values()) {
      add(new Pointwise.Activate(activation), x);
      add(new Pointwise.Activate(activation), x.cast(DType.F16));
    }
    for (Pointwise.Function2 function : Pointwise.Function2.values()) {
      add(new Pointwise.Binary(function), normal(5, 33), normal(33));
      add(new Pointwise.Binary(function), normal(5, 33), normal(5, 1));
    }
    add(new Pointwise.Cast(DType.F16), x);
    add(new Pointwise.Cast(DType.BF16), x);
    add(new Movement.Permute(List.of(2, 0, 1)), normal(5, 7, 9));
  }

  private void reductions() {
    for (Fold fold : List.of(Fold.SUM, Fold.MEAN, Fold.MAX, Fold.MIN)) {
      add(new Reduction.Reduce(fold, List.of(), false), normal(9001));
      add(new Reduction.Reduce(fold, List.of(1), false), normal(5, 77));
      add(new Reduction.Reduce(fold, List.of(0), false), normal(70, 33));
    }
    add(new Reduction.Softmax(-1, false), normal(3, 1100));
    add(new Reduction.Softmax(-1, true), normal(3, 77));
    add(new Reduction.ArgMax(-1, false, false), normal(3, 77));
  }

  private void layers() {
    add(new Layer.LayerNorm(1e-5), normal(3, 77), normal(77), normal(77));
    Tensor positions = Tensor.of(new int[] {3, 0, 7});
    add(new Layer.Rotary(), normal(3, 2, 20), positions, normal(9, 5).times(0.5), normal(9, 5).times(0.4));
    add(new Layer.CrossEntropy(), normal(3, 301), Tensor.of(new int[] {0, 300, Layer.CrossEntropy.IGNORE}));
    add(new Indexing.Embedding(), normal(11, 33), Tensor.of(new int[] {10, 0}));
    add(new Layer.AppendCache(), normal(2, 2, 9, 5).cast(DType.F16), normal(1, 2, 5), Tensor.of(new int[] {1}),
        Tensor.of(new int[] {8}));
  }

  private void attention() {
    int[] starts = new int[37];
    int[] positions = new int[37];
    for (int t = 0; t < 37; t++) {
      starts[t] = t / 15 * 15;
      positions[t] = t + 2;
    }
    Tensor limits = Tensor.of(starts);
    for (int size : new int[] {16, 20}) {
      add(new Layer.Attention(0.3f), normal(37, 4, size), normal(37, 2, size), normal(37, 2, size), limits);
      for (DType type : List.of(DType.F32, DType.F16)) {
        Tensor keys = normal(2, 2, 40, size).cast(type);
        Tensor values = normal(2, 2, 40, size).plus(1).cast(type);
        Layer.CachedAttention op = new Layer.CachedAttention(0.3f);
        Tensor one = Tensor.of(new int[] {1});
        add(op, normal(1, 4, size), keys, values, one, Tensor.of(new int[] {36}));
        add(op, normal(37, 2, size), keys, values, Tensor.zeros(DType.I32, 37), Tensor.of(positions));
      }
    }
  }

  private void products() {
    add(new Product.MatMul(false, false), normal(13, 70), normal(70, 37));
    add(new Product.MatMul(true, true), normal(3, 20, 13), normal(3, 17, 20));
    Product.Linear op = new Product.Linear(Activation.GELU);
    for (long rows : new long[] {1, 7}) {
      for (DType type : List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0)) {
        add(op, normal(rows, 64), normal(70, 64).times(0.1).cast(type), normal(70));
        add(op, 1, normal(rows, 64), normal(70, 64).times(0.1).cast(type), normal(70));
      }
    }
  }

  private void backward() {
    for (Activation activation : Activation.values()) {
      add(new Backward.Activate(activation), normal(5, 333).times(4), normal(5, 333));
    }
    add(new Backward.LayerNorm(1e-5), normal(137, 77), normal(77), normal(137, 77));
    Tensor labels = Tensor.of(new int[] {0, 300, Layer.CrossEntropy.IGNORE});
    add(new Backward.CrossEntropy(), normal(3, 301), labels, normal(3));
    int[] starts = new int[97];
    for (int t = 0; t < 97; t++) {
      starts[t] = t < 40 ? t / 15 * 15 : Math.max(40, t - 33);
    }
    Tensor limits = Tensor.of(starts);
    for (int size : new int[] {16, 20}) {
      Tensor query = normal(97, 4, size);
      add(new Backward.Attention(0.3f), query, normal(97, 2, size), normal(97, 2, size), limits, query.times(0.5));
    }
  }

  private void sums() {
    int[] where = new int[300];
    for (int i = 0; i < where.length; i++) {
      where[i] = i * i % 41;
    }
    add(new Indexing.SegmentSum(0, 41), normal(300, 33), Tensor.of(where));
    add(new Reduction.SquareSums(100), normal(9001));
  }

  private void updates() {
    Tensor schedule = Tensor.of(new double[] {1e-3, 7, 0.5});
    Tensor squares = normal(333).map(Pointwise.Function.SQUARE);
    add(new Update.AdamW(0.9, 0.999, 1e-8, 0.1), normal(333), normal(333), squares, normal(333), schedule);
    for (boolean nesterov : new boolean[] {false, true}) {
      add(new Update.Sgd(0.9, nesterov, 0.1), normal(333), normal(333), normal(333), schedule);
    }
    add(new Update.Add(), normal(333), normal(333));
    add(new Update.Scale(), normal(333), Tensor.of(new float[] {0.99f}).reshape());
    add(new Update.Copy(), normal(333).cast(DType.BF16), normal(333));
  }
}
