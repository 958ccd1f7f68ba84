package io.garut.tensor;

import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Creation;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Pointwise.Function;
import io.garut.tensor.op.Pointwise.Function2;
import io.garut.tensor.op.Pointwise.Logic;
import io.garut.tensor.op.Pointwise.Relation;
import io.garut.tensor.op.Product;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Reduction.Fold;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.HostStorage;
import io.garut.tensor.spi.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A dense, row-major, n-dimensional array off the heap, and the operations on it. Elements are immutable but for the
 * methods that say otherwise ({@link #set}, caches); {@link #reshape} and leading {@link #slice slices} are views that
 * share storage.
 *
 * <p>Every operation goes through {@link Executor#current()}. Binary operations take equal types and broadcast as NumPy
 * does. Memory belongs to the innermost {@link TensorScope}, or, outside any, is freed by {@link #close()} or by a
 * cleaner.
 *
 * <pre>{@code
 * Tensor x = Tensor.randn(Shape.of(64, 10), 1);
 * Tensor w = Tensor.ones(DType.F32, 10, 3);
 * Tensor y = x.matmul(w).plus(1).relu();   // [64, 3]
 * float[] values = y.toFloatArray();
 * }</pre>
 */
public final class Tensor implements AutoCloseable {
  private final Spec spec;
  private final long byteOffset;
  private final Lease lease;

  private Tensor(Spec spec, Storage storage, long byteOffset) {
    this.spec = spec;
    this.byteOffset = byteOffset;
    this.lease = new Lease(storage);
  }



  /** Element type. */
  public DType dtype() {
    return spec.dtype();
  }

  /** Dimensions. */
  public Shape shape() {
    return spec.shape();
  }

  /** What messages call it; empty if it has no name. */
  public String name() {
    return spec.name();
  }

  /** Type, shape and name. */
  public Spec spec() {
    return spec;
  }

  /** The number of elements. */
  public long elements() {
    return spec.shape().elements();
  }

  /** Type and shape, as {@code F32[2, 3]}; the elements are not shown. */
  @Override
  public String toString() {
    return spec.toString();
  }



  /** A tensor F32 of {@code dims} with these elements in row-major order; a vector where no dims are given. */
  public static Tensor of(float[] elements, long... dims) {
    Tensor tensor = empty(DType.F32, elements.length, dims);
    MemorySegment.copy(elements, 0, tensor.segment(), HostData.F32, 0, elements.length);
    return tensor;
  }

  /** A tensor F64 of {@code dims} with these elements in row-major order; a vector where no dims are given. */
  public static Tensor of(double[] elements, long... dims) {
    Tensor tensor = empty(DType.F64, elements.length, dims);
    MemorySegment.copy(elements, 0, tensor.segment(), HostData.F64, 0, elements.length);
    return tensor;
  }

  /** A tensor I32 of {@code dims} with these elements in row-major order; a vector where no dims are given. */
  public static Tensor of(int[] elements, long... dims) {
    Tensor tensor = empty(DType.I32, elements.length, dims);
    MemorySegment.copy(elements, 0, tensor.segment(), HostData.I32, 0, elements.length);
    return tensor;
  }

  /** A tensor I64 of {@code dims} with these elements in row-major order; a vector where no dims are given. */
  public static Tensor of(long[] elements, long... dims) {
    Tensor tensor = empty(DType.I64, elements.length, dims);
    MemorySegment.copy(elements, 0, tensor.segment(), HostData.I64, 0, elements.length);
    return tensor;
  }

  /** A tensor BOOL of {@code dims} with these elements in row-major order; a vector where no dims are given. */
  public static Tensor of(boolean[] elements, long... dims) {
    Tensor tensor = empty(DType.BOOL, elements.length, dims);
    MemorySegment bytes = tensor.segment();
    for (int i = 0; i < elements.length; i++) {
      bytes.set(HostData.BOOL, i, (byte) (elements[i] ? 1 : 0));
    }
    return tensor;
  }

  /** A scalar F32. */
  public static Tensor scalar(float value) {
    Tensor tensor = empty(DType.F32, Shape.scalar());
    tensor.segment().set(HostData.F32, 0, value);
    return tensor;
  }

  private static Tensor empty(DType dtype, long elements, long[] dims) {
    Shape shape = dims.length == 0 ? Shape.of(elements) : Shape.of(dims);
    if (shape.elements() != elements) {
      throw new ShapeException(shape + " has " + shape.elements() + " elements, the array " + elements);
    }
    return empty(dtype, shape);
  }

  /** A tensor whose elements are undefined, to be written by {@link #set}. */
  public static Tensor empty(DType dtype, Shape shape) {
    Spec spec = Spec.of(dtype, shape);
    return wrap(spec, Executor.current().backend().allocate(spec), 0);
  }

  /** All elements 0. */
  public static Tensor zeros(DType dtype, long... dims) {
    return full(dtype, Shape.of(dims), 0);
  }

  /** All elements 1. */
  public static Tensor ones(DType dtype, long... dims) {
    return full(dtype, Shape.of(dims), 1);
  }

  /** All elements {@code value}. */
  public static Tensor full(DType dtype, Shape shape, double value) {
    return one(new Creation.Full(dtype, shape, value));
  }

  /** 0, 1, …, {@code count} − 1. */
  public static Tensor arange(DType dtype, long count) {
    return one(new Creation.Arange(dtype, count, 0, 1));
  }

  /** F32, uniform on [0, 1), by {@link io.garut.tensor.op.SplitMix64}. */
  public static Tensor rand(Shape shape, long seed) {
    return one(new Creation.Rand(DType.F32, shape, seed));
  }

  /** F32, standard normal, by {@link io.garut.tensor.op.SplitMix64}. */
  public static Tensor randn(Shape shape, long seed) {
    return one(new Creation.Randn(DType.F32, shape, seed));
  }

  /** For backends and loaders: a tensor over {@code storage}, which it takes over, from {@code byteOffset} on. */
  public static Tensor wrap(Spec spec, Storage storage, long byteOffset) {
    Tensor tensor = new Tensor(spec, storage, byteOffset);
    TensorScope.adopt(tensor);
    return tensor;
  }



  /** this + other. */
  public Tensor plus(Tensor other) {
    return one(new Pointwise.Binary(Function2.ADD), this, other);
  }

  /** this + value. */
  public Tensor plus(double value) {
    return plus(like(value));
  }

  /** this − other. */
  public Tensor minus(Tensor other) {
    return one(new Pointwise.Binary(Function2.SUB), this, other);
  }

  /** this − value. */
  public Tensor minus(double value) {
    return minus(like(value));
  }

  /** this · other, element by element. */
  public Tensor times(Tensor other) {
    return one(new Pointwise.Binary(Function2.MUL), this, other);
  }

  /** this · value. */
  public Tensor times(double value) {
    return times(like(value));
  }

  /** this / other. */
  public Tensor div(Tensor other) {
    return one(new Pointwise.Binary(Function2.DIV), this, other);
  }

  /** this / value. */
  public Tensor div(double value) {
    return div(like(value));
  }

  /** this to the power of other. */
  public Tensor pow(Tensor other) {
    return one(new Pointwise.Binary(Function2.POW), this, other);
  }

  /** this to the power of value. */
  public Tensor pow(double value) {
    return pow(like(value));
  }

  /** The larger of each pair. */
  public Tensor maximum(Tensor other) {
    return one(new Pointwise.Binary(Function2.MAX), this, other);
  }

  /** The smaller of each pair. */
  public Tensor minimum(Tensor other) {
    return one(new Pointwise.Binary(Function2.MIN), this, other);
  }

  private Tensor like(double value) {
    return full(dtype(), Shape.scalar(), value);
  }



  /** {@code function} of every element. */
  public Tensor map(Function function) {
    return one(new Pointwise.Unary(function), this);
  }

  /** −x. */
  public Tensor neg() {
    return map(Function.NEG);
  }

  /** |x|. */
  public Tensor abs() {
    return map(Function.ABS);
  }

  /** x². */
  public Tensor square() {
    return map(Function.SQUARE);
  }

  /** √x. */
  public Tensor sqrt() {
    return map(Function.SQRT);
  }

  /** eˣ. */
  public Tensor exp() {
    return map(Function.EXP);
  }

  /** ln x. */
  public Tensor log() {
    return map(Function.LOG);
  }

  /** tanh x. */
  public Tensor tanh() {
    return map(Function.TANH);
  }

  /** 1/(1 + e⁻ˣ). */
  public Tensor sigmoid() {
    return map(Function.SIGMOID);
  }

  /** A layer's non-linearity. */
  public Tensor activate(Activation activation) {
    return one(new Pointwise.Activate(activation), this);
  }

  /** max(x, 0). */
  public Tensor relu() {
    return activate(Activation.RELU);
  }

  /** x·Φ(x). */
  public Tensor gelu() {
    return activate(Activation.GELU);
  }

  /** In another type; see {@link Pointwise.Cast}. A view if it has that type. */
  public Tensor cast(DType dtype) {
    return one(new Pointwise.Cast(dtype), this);
  }



  /** Whether {@code relation} holds, as BOOL. */
  public Tensor compare(Relation relation, Tensor other) {
    return one(new Pointwise.Compare(relation), this, other);
  }

  /** this = other. */
  public Tensor eq(Tensor other) {
    return compare(Relation.EQ, other);
  }

  /** this &lt; other. */
  public Tensor lt(Tensor other) {
    return compare(Relation.LT, other);
  }

  /** this &gt; other. */
  public Tensor gt(Tensor other) {
    return compare(Relation.GT, other);
  }

  /** Both true. */
  public Tensor and(Tensor other) {
    return one(new Pointwise.Combine(Logic.AND), this, other);
  }

  /** At least one true. */
  public Tensor or(Tensor other) {
    return one(new Pointwise.Combine(Logic.OR), this, other);
  }

  /** Not true. */
  public Tensor not() {
    return one(new Pointwise.Is(Pointwise.Test.NOT), this);
  }

  /** Whether elements are not a number. */
  public Tensor isNan() {
    return one(new Pointwise.Is(Pointwise.Test.IS_NAN), this);
  }

  /** Whether elements are finite. */
  public Tensor isFinite() {
    return one(new Pointwise.Is(Pointwise.Test.IS_FINITE), this);
  }

  /** Where this (BOOL) is true {@code yes}, else {@code no}. */
  public Tensor where(Tensor yes, Tensor no) {
    return one(new Pointwise.Where(), this, yes, no);
  }



  /** {@code fold} over {@code axes}, or over all elements; the axes vanish. */
  public Tensor reduce(Fold fold, int... axes) {
    return one(new Reduction.Reduce(fold, list(axes), false), this);
  }

  /** {@code fold} over {@code axes}, or over all elements; the axes stay, with length 1. */
  public Tensor reduceKeeping(Fold fold, int... axes) {
    return one(new Reduction.Reduce(fold, list(axes), true), this);
  }

  /** The sum over {@code axes}, or of all elements. */
  public Tensor sum(int... axes) {
    return reduce(Fold.SUM, axes);
  }

  /** The mean over {@code axes}, or of all elements. */
  public Tensor mean(int... axes) {
    return reduce(Fold.MEAN, axes);
  }

  /** The largest over {@code axes}, or of all elements. */
  public Tensor max(int... axes) {
    return reduce(Fold.MAX, axes);
  }

  /** The smallest over {@code axes}, or of all elements. */
  public Tensor min(int... axes) {
    return reduce(Fold.MIN, axes);
  }

  /** The index, I64, of the largest element along {@code axis}. */
  public Tensor argmax(int axis) {
    return one(new Reduction.ArgMax(axis, false, false), this);
  }

  /** The {@code k} largest along the last axis: values, and indices as I64. */
  public Tensor[] topK(int k) {
    return Executor.current().apply(new Reduction.TopK(k), this);
  }

  /** exp(x)/Σexp along {@code axis}. */
  public Tensor softmax(int axis) {
    return one(new Reduction.Softmax(axis, false), this);
  }

  /** The logarithm of {@link #softmax}. */
  public Tensor logSoftmax(int axis) {
    return one(new Reduction.Softmax(axis, true), this);
  }



  /** [.., M, K] · [.., K, N] → [.., M, N]. */
  public Tensor matmul(Tensor other) {
    return one(new Product.MatMul(false, false), this, other);
  }

  /** [.., M, K] · [.., N, K]ᵀ → [.., M, N]. */
  public Tensor matmulTransposed(Tensor other) {
    return one(new Product.MatMul(false, true), this, other);
  }

  /**
   * activation(this·weightᵀ + bias), weight [N, K].
   *
   * @param bias [N], or null
   */
  public Tensor linear(Tensor weight, Tensor bias, Activation activation) {
    Product.Linear op = new Product.Linear(activation);
    return bias == null ? one(op, this, weight) : one(op, this, weight, bias);
  }



  /** A view of the same elements as {@code dims}; one dimension may be −1 and follows from the others. */
  public Tensor reshape(long... dims) {
    return one(new Movement.Reshape(completed(dims)), this);
  }

  private Shape completed(long[] dims) {
    long known = 1;
    int free = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != -1) {
        known *= dims[i];
      } else if (free >= 0) {
        throw new ShapeException("reshape: only one dimension can be -1 in " + Arrays.toString(dims));
      } else {
        free = i;
      }
    }
    if (free < 0) {
      return Shape.of(dims);
    }
    if (known <= 0 || elements() % known != 0) {
      throw new ShapeException("reshape: " + spec + " does not fill " + Arrays.toString(dims));
    }
    long[] all = dims.clone();
    all[free] = elements() / known;
    return Shape.of(all);
  }

  /** The last two axes exchanged. */
  public Tensor transpose() {
    return transpose(-2, -1);
  }

  /** Two axes exchanged. */
  public Tensor transpose(int a, int b) {
    int[] axes = IntStream.range(0, shape().rank()).toArray();
    axes[shape().axis(a)] = shape().axis(b);
    axes[shape().axis(b)] = shape().axis(a);
    return permute(axes);
  }

  /** Axis i of the result is axis {@code axes[i]} of this. */
  public Tensor permute(int... axes) {
    return one(new Movement.Permute(list(axes)), this);
  }

  /** Stretched to {@code dims} as NumPy broadcasts. */
  public Tensor broadcastTo(long... dims) {
    return one(new Movement.BroadcastTo(Shape.of(dims)), this);
  }

  /** Elements {@code from} up to, not including, {@code to} along {@code axis}. */
  public Tensor slice(int axis, long from, long to) {
    return slice(axis, from, to, 1);
  }

  /** Every {@code step}-th of the elements {@code from} up to, not including, {@code to} along {@code axis}. */
  public Tensor slice(int axis, long from, long to, long step) {
    long size = shape().dim(axis);
    if (from < 0 || from > to || to > size || step < 1) {
      throw new ShapeException(
          "slice: " + from + " to " + to + " by " + step + " is not within axis " + axis + " of " + spec + ", 0 to " + size);
    }
    return one(new Movement.Slice(axis, from, Math.ceilDiv(to - from, step), step), this);
  }

  /** The slice at {@code index} along {@code axis}, which vanishes. */
  public Tensor select(int axis, long index) {
    long size = shape().dim(axis);
    if (index < 0 || index >= size) {
      throw new ShapeException("select: " + index + " is not within axis " + axis + " of " + spec + ", 0 to " + (size - 1));
    }
    return slice(axis, index, index + 1).reshape(shape().without(axis).toArray());
  }

  /** Cut into {@code parts} equal pieces along {@code axis}. */
  public Tensor[] split(int axis, int parts) {
    return Executor.current().apply(new Movement.Split(axis, parts), this);
  }

  /** The tensors one after another along {@code axis}. */
  public static Tensor concat(int axis, Tensor... tensors) {
    return one(new Movement.Concat(axis), tensors);
  }



  /** PyTorch's gather; see {@link Indexing.Gather}. */
  public Tensor gather(int axis, Tensor index) {
    return one(new Indexing.Gather(axis), this, index);
  }

  /** PyTorch's scatter; see {@link Indexing.Scatter}. */
  public Tensor scatter(int axis, Tensor index, Tensor source) {
    return one(new Indexing.Scatter(axis, false), this, index, source);
  }

  /** PyTorch's scatter_add; see {@link Indexing.Scatter}. */
  public Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return one(new Indexing.Scatter(axis, true), this, index, source);
  }

  /** PyTorch's index_select; see {@link Indexing.IndexSelect}. */
  public Tensor indexSelect(int axis, Tensor index) {
    return one(new Indexing.IndexSelect(axis), this, index);
  }

  /** The rows of this table [V, H] that {@code ids} name, decoded: ids' shape + [H]. */
  public Tensor embedding(Tensor ids) {
    return one(new Indexing.Embedding(), this, ids);
  }



  /** All elements as floats, rounded from F64, decoded from block formats. Not for integers and BOOL. */
  public float[] toFloatArray() {
    return read(HostData::floats);
  }

  /** All elements as doubles; exact but for I64 beyond 2⁵³. */
  public double[] toDoubleArray() {
    return read(HostData::doubles);
  }

  /** All elements of an integer tensor as longs; BOOL as 0 and 1. */
  public long[] toLongArray() {
    return read(HostData::longs);
  }

  /** All elements of an I32 tensor. */
  public int[] toIntArray() {
    if (dtype() != DType.I32) {
      throw new ShapeException("toIntArray: " + spec + " is not I32; cast it");
    }
    return Arrays.stream(toLongArray()).mapToInt(Math::toIntExact).toArray();
  }

  /** All elements of a BOOL tensor. */
  public boolean[] toBooleanArray() {
    if (dtype() != DType.BOOL) {
      throw new ShapeException("toBooleanArray: " + spec + " is not BOOL; compare it");
    }
    long[] bits = toLongArray();
    boolean[] all = new boolean[bits.length];
    for (int i = 0; i < bits.length; i++) {
      all[i] = bits[i] != 0;
    }
    return all;
  }

  /** The only element. */
  public double item() {
    if (elements() != 1) {
      throw new ShapeException("item: " + spec + " has " + elements() + " elements, not one");
    }
    return toDoubleArray()[0];
  }

  private <T> T read(java.util.function.BiFunction<Spec, MemorySegment, T> reader) {
    requireLive("read");
    HostStorage host = storage().toHost(spec);
    try {
      long offset = storage().isPlain() ? byteOffset : 0;
      return reader.apply(spec, host.segment().asSlice(offset, spec.bytes()));
    } finally {
      host.release();
    }
  }

  /** Overwrites the first elements of a plain I32 tensor, in place; plans see the new values. */
  public void set(int[] elements, int count) {
    requirePlain(DType.I32, count);
    MemorySegment.copy(elements, 0, segment(), HostData.I32, 0, count);
    Reference.reachabilityFence(this); // the segment alone would not keep the memory from being freed
  }

  /** Overwrites the first elements of a plain F32 tensor, in place; plans see the new values. */
  public void set(float[] elements, int count) {
    requirePlain(DType.F32, count);
    MemorySegment.copy(elements, 0, segment(), HostData.F32, 0, count);
    Reference.reachabilityFence(this);
  }

  /** Copies elements {@code from} up to {@code from + count} of a plain F32 tensor into {@code target}. */
  public void get(long from, float[] target, int count) {
    requirePlain(DType.F32, from + count);
    read(
        (of, elements) -> {
          MemorySegment.copy(elements, HostData.F32, from * Float.BYTES, target, 0, count);
          return target;
        });
  }

  private void requirePlain(DType dtype, long count) {
    if (dtype() != dtype || count > elements()) {
      throw new ShapeException(spec + " does not hold " + count + " elements " + dtype);
    }
  }

  /**
   * The memory of the elements, row-major and little-endian; writing to it changes the tensor. Valid until the tensor
   * is closed, or, outside any scope, as long as it is reachable.
   *
   * @throws IllegalStateException if the tensor was closed or is not plain, as packed weights are not
   */
  public MemorySegment segment() {
    requireLive("segment");
    if (storage().isPlain()) {
      return storage().segment().asSlice(byteOffset, spec.bytes());
    }
    throw new IllegalStateException("segment: " + spec + " lies in storage of " + storage().device());
  }



  /** The same elements under a name that messages show. A view. */
  public Tensor named(String name) {
    return one(new Movement.Named(name), this);
  }

  /** The same elements, which no gradient flows through: for a tape a constant. A view. */
  public Tensor detach() {
    return view(spec, 0);
  }

  /** Takes the tensor out of its scope: it lives until it is closed, or until the cleaner finds it unreachable. */
  public Tensor keep() {
    TensorScope.letGo(this);
    return this;
  }

  /**
   * Lets the current backend re-pack this constant weight [N, K] of linear layers; the plain copy is let go. Afterwards
   * the tensor enters only linear and embedding.
   *
   * @throws ShapeException if the tensor is not a matrix of a floating-point or block type
   * @throws NonFiniteException if an element is infinite or not a number
   */
  public void prepare() {
    requireLive("prepare");
    if (shape().rank() != 2 || !dtype().isFloat() && !dtype().isBlock()) {
      throw new ShapeException("prepare: " + spec + " is not a matrix of weights");
    }
    Storage packed = Executor.current().backend().prepare(this);
    lease.replace(packed);
    Reference.reachabilityFence(this); // the address alone would not keep the memory from being freed
  }

  /**
   * Checks that every element is finite.
   *
   * @throws NonFiniteException naming the first that is not
   */
  public void requireFinite() {
    long at;
    try (Tensor first = one(new Reduction.FirstNonFinite(), this)) {
      at = first.toLongArray()[0];
    }
    if (at >= 0) {
      throw notFinite(spec, at);
    }
  }

  /** The error for element {@code index} (row-major) of {@code spec} being infinite or not a number. */
  public static NonFiniteException notFinite(Spec spec, long index) {
    long[] place = new long[spec.shape().rank()];
    long[] strides = spec.shape().strides();
    long rest = index;
    for (int i = 0; i < place.length; i++) {
      place[i] = rest / strides[i];
      rest %= strides[i];
    }
    return new NonFiniteException(spec + " is not finite at " + Arrays.toString(place));
  }

  /** For backends: a tensor over the same storage. */
  public Tensor view(Spec as, long bytesFurther) {
    requireLive("view");
    if (!storage().isPlain() && (bytesFurther != 0 || !as.shape().equals(shape()))) {
      throw new IllegalStateException(
          spec + " lies in storage of " + storage().device() + " and cannot be cut or reshaped");
    }
    storage().retain();
    return wrap(as, storage(), byteOffset + bytesFurther);
  }

  /** For backends: where the elements are. */
  public Storage storage() {
    return lease.storage;
  }

  /**
   * For sharding: lets the elements' memory go, and puts {@code other}, which is taken over, in its place. Whoever holds the
   * tensor goes on with that.
   *
   * @throws IllegalStateException if the tensor is a view into its storage, or has been closed
   */
  public void relocate(Storage other) {
    requireLive("relocate");
    if (byteOffset != 0) {
      throw new IllegalStateException("relocate: " + spec + " is a view");
    }
    lease.replace(other);
  }

  /** For backends: where in the storage they begin. */
  public long byteOffset() {
    return byteOffset;
  }

  /** Whether the tensor has been closed. */
  public boolean isClosed() {
    return lease.released;
  }

  /**
   * For backends: checks that the tensor may be read.
   *
   * @throws IllegalStateException if it has been closed
   */
  public void requireLive(String what) {
    if (lease.released) {
      throw new IllegalStateException(
          what + ": " + spec + " has been closed; keep() takes a tensor out of the scope that would end it");
    }
  }

  /** Lets the memory go. Does nothing the second time. */
  @Override
  public void close() {
    lease.run();
  }

  void watch() {
    Lease.CLEANER.register(this, lease);
  }

  private static Tensor one(Op op, Tensor... inputs) {
    return Executor.current().apply(op, inputs)[0];
  }

  private static List<Integer> list(int... values) {
    return Arrays.stream(values).boxed().toList();
  }
}
