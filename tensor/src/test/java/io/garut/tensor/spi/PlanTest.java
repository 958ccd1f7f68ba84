package io.garut.tensor.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.NonFiniteException;
import io.garut.tensor.Shape;
import io.garut.tensor.ShapeException;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import io.garut.tensor.reference.ReferenceBackend;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlanTest {
  private final ReferenceBackend backend = new ReferenceBackend();
  private Tensor x;
  private Tensor w;

  @BeforeEach
  void makeInputs() {
    x = on(() -> Tensor.randn(Shape.of(3, 8), 1));
    w = on(() -> Tensor.randn(Shape.of(5, 8), 2));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  private <T> T on(Supplier<T> body) {
    return Executor.with(backend, body);
  }

  private Tensor model() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hidden = x.linear(w, null, Activation.GELU);
      return scope.handOver(hidden.plus(1).times(hidden).softmax(-1).slice(0, 1, 3).reshape(10));
    }
  }

  @Test
  void replaysWhatItsInputsHoldNow() {
    Tensor[] y = new Tensor[1];
    try (Plan plan = Plan.record(backend, () -> y[0] = model())) {
      assertThat(y[0].toFloatArray()).isEqualTo(on(this::model).toFloatArray());
      for (long seed = 10; seed < 13; seed++) {
        long s = seed;
        x.set(on(() -> Tensor.randn(Shape.of(24), s)).toFloatArray(), 24);
        plan.replay();
        assertThat(y[0].toFloatArray()).isEqualTo(on(this::model).toFloatArray());
      }
    }
  }

  @Test
  void replaysOperationsThatWorkInPlace() {
    Tensor cache = on(() -> Tensor.zeros(DType.F32, 1, 1, 4, 2));
    Tensor row = on(() -> Tensor.of(new float[] {1, 2}, 1, 1, 2));
    Tensor slot = on(() -> Tensor.of(new int[] {0}));
    Tensor position = on(() -> Tensor.of(new int[] {0}));
    try (Plan plan =
        Plan.record(backend, () -> Executor.current().apply(new Layer.AppendCache(), cache, row, slot, position))) {
      position.set(new int[] {2}, 1);
      row.set(new float[] {3, 4}, 2);
      plan.replay();
      assertThat(cache.toFloatArray()).containsExactly(1, 2, 0, 0, 3, 4, 0, 0);
      position.set(new int[] {4}, 1);
      assertThatThrownBy(plan::replay)
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("append_cache: position 4 is not from 0 to 3");
      assertThat(cache.toFloatArray()).containsExactly(1, 2, 0, 0, 3, 4, 0, 0);
    }
  }

  @Test
  void aPlanThatIsDroppedLetsGoOfItsInputs() throws InterruptedException {
    Storage storage = x.storage();
    dropAPlan();
    x.close();
    assertThat(storage.isLive()).as("the plan holds it").isTrue();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (storage.isLive() && System.nanoTime() < deadline) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(storage.isLive()).isFalse();
  }

  /** In a method of its own, so that no local variable keeps it. */
  private void dropAPlan() {
    Plan.record(backend, this::model).replay();
  }

  @Test
  void takesNoStorage() {
    Tensor[] y = new Tensor[1];
    try (Plan plan = Plan.record(backend, () -> y[0] = model())) {
      long allocations = backend.pool().allocations();
      long inUse = backend.pool().bytes() - backend.pool().idleBytes();
      for (int i = 0; i < 10; i++) {
        plan.replay();
      }
      assertThat(backend.pool().allocations()).isEqualTo(allocations);
      assertThat(backend.pool().bytes() - backend.pool().idleBytes()).isEqualTo(inUse);
    }
  }

  @Test
  void refusesAnInputThatWasClosed() {
    try (Plan plan = Plan.record(backend, this::model)) {
      x.close();
      assertThatThrownBy(plan::replay)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("replay: input F32[3, 8] has been closed or moved since it was recorded; record again");
    }
  }

  @Test
  void refusesAnInputWhoseStorageWasReplaced() {
    try (RepackingBackend repacking = new RepackingBackend();
        Plan plan = Plan.record(backend, this::model)) {
      Executor.with(
          repacking,
          () -> {
            w.prepare();
            return null;
          });
      assertThatThrownBy(plan::replay)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("replay: input F32[5, 8] has been closed or moved");
    }
  }

  /** Puts every prepared weight elsewhere. */
  private static final class RepackingBackend extends KernelBackend {
    @Override
    public String name() {
      return "repacking";
    }

    @Override
    protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
      throw new UnsupportedOperationException(op.name());
    }

    @Override
    public Storage prepare(Tensor weight) {
      HostStorage copy = pool().allocate(weight.spec().bytes());
      copy.segment().copyFrom(weight.segment());
      return copy;
    }
  }

  @Test
  void keepsResultsApartFromTemporaries() {
    Tensor[] kept = new Tensor[2];
    try (Plan plan =
        Plan.record(
            backend,
            () -> {
              try (TensorScope _ = TensorScope.open()) {
                kept[0] = x.plus(1).keep();
                Tensor more = kept[0].times(2);
                more.close(); // its memory serves the next one
                kept[1] = kept[0].plus(3).keep();
              }
            })) {
      float[] first = kept[0].toFloatArray();
      plan.replay();
      assertThat(kept[0].toFloatArray()).isEqualTo(first);
      for (int i = 0; i < first.length; i++) {
        assertThat(kept[1].toFloatArray()[i]).isEqualTo(first[i] + 3);
      }
    }
    assertThat(kept[0].isClosed()).isFalse();
    assertThat(kept[0].storage().isLive()).as("in use when the plan was closed").isTrue();
    kept[0].close();
    kept[1].close();
  }

  @Test
  void namedAndReshapedResultsAreNoInputs() {
    Tensor[] y = new Tensor[1];
    try (Plan plan =
        Plan.record(
            backend,
            () -> {
              try (TensorScope scope = TensorScope.open()) {
                Tensor named = x.plus(1).named("hidden");
                y[0] = scope.handOver(named.reshape(24).plus(named.select(0, 1).sum()));
              }
            })) {
      float[] before = y[0].toFloatArray();
      plan.replay(); // the named view has been closed, as the other temporaries
      assertThat(y[0].toFloatArray()).isEqualTo(before);
    }
  }

  @Test
  void listsItsRegions() {
    Region block = new Region("block", List.of(w));
    Region inner = new Region("inner", List.of());
    try (Plan plan =
        Plan.record(
            backend,
            () -> {
              Executor executor = Executor.current();
              Tensor a = x.plus(1);
              Tensor b = executor.region(block, a, in -> in.times(2));
              Tensor c = executor.region(block, b, in -> executor.region(inner, in.plus(1), Tensor::neg).plus(2));
              executor.region(new Region("view", List.of()), c, in -> in.reshape(24)).sum();
            })) {
      assertThat(plan.regions()).containsExactly("", "block", "block", "inner", "block", "");
    }
    try (Plan plan = Plan.record(backend, () -> Executor.current().region(block, x, in -> in.times(2)))) {
      assertThat(plan.regions()).containsExactly("block");
    }
    try (Plan plan = Plan.record(backend, () -> {})) {
      assertThat(plan.regions()).isEmpty();
      plan.replay();
    }
  }

  @Test
  void aFailedRecordingFreesItsMemory() {
    Tensor[] inside = new Tensor[1];
    assertThatThrownBy(
            () ->
                Plan.record(
                    backend,
                    () -> {
                      try (TensorScope _ = TensorScope.open()) {
                        inside[0] = x.plus(1);
                        inside[0].reshape(7);
                      }
                    }))
        .isInstanceOf(ShapeException.class);
    assertThat(inside[0].storage().isLive()).isFalse();
  }

  @Test
  void isOverWhenClosedOrFinished() {
    Plan plan = Plan.record(backend, this::model);
    plan.close();
    assertThatThrownBy(plan::replay)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the plan has been closed");
    Recorder recorder = backend.recorder();
    recorder.finish().close();
    assertThatThrownBy(() -> Executor.with(recorder, () -> x.plus(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("full: the recording has been finished");
  }

  @Test
  void preparingIsNotRecorded() {
    try (Plan plan = Plan.record(backend, () -> w.prepare())) {
      assertThat(plan.regions()).as("no kernel").isEmpty();
    }
    w.set(new float[] {Float.NaN}, 1);
    assertThatThrownBy(() -> Plan.record(backend, () -> w.prepare())).isInstanceOf(NonFiniteException.class);
  }

  @Test
  void aRecordingKeepsTheMemoryOfWhatItFreed() {
    // two buffers of different sizes: the second would make an ordinary pool at its limit give the first back
    StoragePool pool = StoragePool.ofRecording();
    HostStorage first = pool.allocate(1 << 20);
    long address = first.address();
    first.release();
    pool.trim();
    assertThat(pool.idleBytes()).isEqualTo(1 << 20);
    assertThat(pool.allocate(1 << 20).address()).isEqualTo(address);
    pool.close();
  }

  @Test
  void anInputPreparedWhileRecordingIsRefused() {
    Tensor packed = on(() -> Tensor.ones(DType.F32, 2, 2));
    Storage other = HostStorage.allocate(16);
    assertThatThrownBy(
            () ->
                Plan.record(
                    new Swapping(backend, packed, other),
                    () -> {
                      packed.plus(1);
                      packed.prepare();
                      packed.plus(2);
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was prepared while recording; prepare it before");
  }

  /** The reference with a {@code prepare} that gives {@code tensor} other storage. */
  private record Swapping(ReferenceBackend backend, Tensor tensor, Storage other) implements Backend {
    @Override
    public Tensor[] apply(Op op, Tensor... inputs) {
      return backend.apply(op, inputs);
    }

    @Override
    public String name() {
      return "swapping";
    }

    @Override
    public StoragePool pool() {
      return backend.pool();
    }

    @Override
    public Storage prepare(Tensor weight) {
      return other;
    }

    @Override
    public Recorder recorder() {
      Recorder recorder = backend.recorder();
      Backend self = this;
      return new Recorder() {
        @Override
        public Tensor[] apply(Op op, Tensor... inputs) {
          return recorder.apply(op, inputs);
        }

        @Override
        public Backend backend() {
          return self;
        }

        @Override
        public Plan finish() {
          return recorder.finish();
        }
      };
    }

    @Override
    public void close() {}
  }

  @Test
  void backendsAreFoundByName() {
    assertThat(Backends.create("reference").name()).isEqualTo("reference");
    assertThatThrownBy(() -> Backends.create("abacus"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no backend 'abacus' on the path; there are 'reference' and []");
  }
}
