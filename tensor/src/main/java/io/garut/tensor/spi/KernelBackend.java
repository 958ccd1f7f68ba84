package io.garut.tensor.spi;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Op;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Spec;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What backends share that compute with {@link Kernel}s: check at the border, make views, allocate results, bind a kernel, run
 * it. A subclass binds; one that computes elsewhere than in the host's memory allocates there.
 */
public abstract class KernelBackend implements Backend {
  private static final Tensor[] NOTHING = {};

  private final StoragePool pool = new StoragePool();

  /** For subclasses. */
  protected KernelBackend() {}

  /**
   * Chooses the code for {@code op} and fixes its operands. Shapes and types have been checked, storage is live; empty
   * results are not asked for.
   */
  protected abstract Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs);

  @Override
  public final Tensor[] apply(Op op, Tensor... inputs) {
    return execute(op, inputs, this::allocate, kernel -> {});
  }

  @Override
  public final StoragePool pool() {
    return pool;
  }

  /** Memory for the results of one recording. */
  protected PlanMemory planMemory() {
    StoragePool own = StoragePool.ofRecording();
    return new PlanMemory() {
      @Override
      public Storage allocate(Spec spec) {
        return own.allocate(spec.bytes());
      }

      @Override
      public void close() {
        own.close();
      }
    };
  }

  @Override
  public final Recorder recorder() {
    return new KernelRecorder(this);
  }

  @Override
  public Storage prepare(Tensor weight) {
    return Executor.with(
        this, // not the recorder that may be current: a check is no part of a plan
        () -> {
          weight.requireFinite();
          return weight.storage();
        });
  }

  @Override
  public void close() {
    pool.close();
  }

  /** Computes, with results from {@code results}; {@code note} hears of the kernel. */
  final Tensor[] execute(Op op, Tensor[] inputs, Function<Spec, Storage> results, Consumer<Kernel> note) {
    Storage[] held = new Storage[inputs.length];
    int holding = 0;
    try {
      for (Tensor input : inputs) { // another thread may close it meanwhile
        input.requireLive(op.name());
        Storage storage = input.storage();
        storage.retain();
        held[holding++] = storage;
      }
      return compute(op, inputs, results, note);
    } finally {
      for (int i = 0; i < holding; i++) {
        held[i].release();
      }
    }
  }

  private Tensor[] compute(Op op, Tensor[] inputs, Function<Spec, Storage> results, Consumer<Kernel> note) {
    Spec[] specs = new Spec[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      specs[i] = inputs[i].spec();
    }
    Spec[] made = op.infer(specs);
    for (int i = 0; i < op.written(); i++) {
      if (inputs[i].storage() instanceof HostStorage target && target.segment().isReadOnly()) {
        throw new IllegalStateException(op.name() + ": " + specs[i] + " is mapped from a file and cannot be written to");
      }
    }
    boolean same = op instanceof Movement.Reshape || op instanceof Movement.Named
        || op instanceof Pointwise.Cast(DType dtype) && dtype == specs[0].dtype();
    if (same) {
      return new Tensor[] {inputs[0].view(made[0], 0)};
    }
    if (op instanceof Movement.Slice slice && slice.contiguous(specs[0].shape())) {
      DType type = specs[0].dtype();
      long row = specs[0].shape().product(specs[0].shape().axis(slice.axis()) + 1, specs[0].shape().rank());
      return new Tensor[] {inputs[0].view(made[0], type.bytes(slice.start() * row))};
    }
    if (op instanceof Movement.Split(int axis, _) && specs[0].shape().product(0, specs[0].shape().axis(axis)) == 1) {
      Tensor[] pieces = new Tensor[made.length];
      for (int i = 0; i < pieces.length; i++) {
        pieces[i] = inputs[0].view(made[i], i * made[i].bytes());
      }
      return pieces;
    }
    Tensor[] outputs = made.length == 0 ? NOTHING : new Tensor[made.length];
    boolean empty = made.length > 0;
    for (int i = 0; i < made.length; i++) {
      outputs[i] = Tensor.wrap(made[i], results.apply(made[i]), 0);
      empty &= made[i].shape().elements() == 0;
    }
    if (!empty) {
      Kernel kernel = bind(op, inputs, outputs);
      kernel.run();
      note.accept(kernel);
    }
    Reference.reachabilityFence(inputs); // the kernel knew addresses only
    return outputs;
  }

  /**
   * The absolute address of {@code tensor}'s first element.
   *
   * @throws IllegalStateException if its storage is not plain host memory
   */
  public static long address(Op op, Tensor tensor) {
    if (tensor.storage() instanceof HostStorage host) {
      return host.address() + tensor.byteOffset();
    }
    throw new IllegalStateException(
        op.name() + ": " + tensor.spec() + " has been prepared for linear layers and enters only linear and embedding");
  }
}
