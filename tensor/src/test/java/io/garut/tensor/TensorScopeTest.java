package io.garut.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Region;
import io.garut.tensor.spi.StoragePool;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who owns a tensor, and when its memory goes. */
@ExtendWith(WithReference.class)
class TensorScopeTest {
  private static StoragePool pool() {
    return Executor.current().backend().pool();
  }

  @Test
  void closesWhatWasMadeInside() {
    Tensor before = Tensor.ones(DType.F32, 3);
    Tensor inside;
    Tensor view;
    try (TensorScope _ = TensorScope.open()) {
      inside = before.plus(1);
      view = inside.reshape(3, 1);
      assertThat(view.isClosed()).isFalse();
    }
    assertThat(inside.isClosed()).isTrue();
    assertThat(view.isClosed()).isTrue();
    assertThat(inside.storage().isLive()).isFalse();
    assertThat(before.isClosed()).isFalse();
  }

  @Test
  void handsAResultToTheScopeAround() {
    Tensor result;
    try (TensorScope outer = TensorScope.open()) {
      try (TensorScope inner = TensorScope.open()) {
        result = inner.handOver(Tensor.ones(DType.F32, 3));
      }
      assertThat(result.isClosed()).isFalse();
      Tensor stranger = Tensor.zeros(DType.F32, 1);
      try (TensorScope inner = TensorScope.open()) {
        assertThat(inner.handOver(stranger)).as("not its own: stays where it is").isSameAs(stranger);
      }
      assertThat(stranger.isClosed()).isFalse();
      assertThat(outer.handOver(stranger).isClosed()).isFalse();
    }
    assertThat(result.isClosed()).isTrue();
  }

  @Test
  void keepTakesATensorOutOfWhicheverScopeHasIt() {
    Tensor kept;
    try (TensorScope _ = TensorScope.open()) {
      kept = Tensor.ones(DType.F32, 3);
      try (TensorScope _ = TensorScope.open()) {
        assertThat(kept.keep()).isSameAs(kept);
        assertThat(kept.keep()).as("twice is once").isSameAs(kept);
      }
    }
    assertThat(kept.toFloatArray()).containsExactly(1, 1, 1);
    kept.close();
    assertThat(kept.storage().isLive()).isFalse();
  }

  @Test
  void endsAlsoWithAnException() {
    AtomicReference<Tensor> inside = new AtomicReference<>();
    assertThatThrownBy(
            () -> {
              try (TensorScope _ = TensorScope.open()) {
                inside.set(Tensor.ones(DType.F32, 3));
                inside.get().reshape(2);
              }
            })
        .isInstanceOf(ShapeException.class);
    assertThat(inside.get().isClosed()).isTrue();
    Tensor after = Tensor.ones(DType.F32, 1);
    assertThat(after.isClosed()).isFalse();
  }

  @Test
  void scopesCloseInnermostFirstAndInTheirThread() throws InterruptedException {
    TensorScope outer = TensorScope.open();
    TensorScope inner = TensorScope.open();
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("scopes close in their own thread, the innermost first");
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread other = Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> thrown.set(e)).start(inner::close);
    other.join();
    assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
    inner.close();
    inner.close();
    outer.close();
  }

  @Test
  void aScopeIsItsThreadsOwn() throws InterruptedException {
    Executor executor = Executor.current();
    AtomicReference<Tensor> elsewhere = new AtomicReference<>();
    try (TensorScope _ = TensorScope.open()) {
      Thread other =
          Thread.ofPlatform()
              .start(
                  () ->
                      Executor.with(
                          executor,
                          () -> {
                            elsewhere.set(Tensor.ones(DType.F32, 2));
                            return null;
                          }));
      other.join();
    }
    assertThat(elsewhere.get().toFloatArray()).containsExactly(1, 1);
  }

  @Test
  void aRegionKeepsItsResultOnly() {
    Tensor x = Tensor.ones(DType.F32, 4);
    Tensor[] inside = new Tensor[1];
    Tensor y =
        Executor.current()
            .region(
                new Region("double", List.of()),
                x,
                in -> {
                  inside[0] = in.plus(1);
                  return inside[0].plus(in);
                });
    assertThat(y.toFloatArray()).containsOnly(3);
    assertThat(inside[0].isClosed()).isTrue();
    assertThat(x.isClosed()).isFalse();
    assertThat(Executor.current().region(new Region("nothing", List.of()), x, in -> in)).isSameAs(x);
    assertThat(x.isClosed()).isFalse();
  }

  /** The leak test: what a loop needs is taken from the system in its first rounds. */
  @Test
  void inSteadyStateNoMemoryIsTaken() {
    Tensor x = Tensor.randn(Shape.of(17, 33), 1);
    long after = 0;
    for (int step = 0; step < 50; step++) {
      try (TensorScope _ = TensorScope.open()) {
        x.plus(x).gelu().matmulTransposed(x).softmax(-1).sum();
      }
      after = step == 1 ? pool().allocations() : after;
    }
    assertThat(pool().allocations()).isEqualTo(after);
    assertThat(pool().bytes() - pool().idleBytes()).as("in use: x alone").isEqualTo(2304);
  }

  /** Outside any scope, and never closed: the memory of some rounds, not of all of them. */
  @Test
  void whatNobodyClosesIsFreedByTheCleaner() {
    int size = 64 << 20;
    Tensor x = Tensor.empty(DType.BOOL, Shape.of(size));
    for (int step = 0; step < 100; step++) {
      x = Tensor.empty(DType.BOOL, Shape.of(size));
    }
    assertThat(x.isClosed()).isFalse();
    assertThat(pool().bytes()).isLessThan(4L << 30); // 512 MiB, if the cleaner was kept waiting twice 2 GiB; not 6.25
  }
}
