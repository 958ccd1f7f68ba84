package io.garut.jmh;

import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Backends;
import io.garut.tensor.spi.Executor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What benchmarks of a backend share: the backend, and how JMH runs them. A benchmark calls from one thread; how many
 * threads compute is the backend's setting ({@code -jvmArgsAppend -Dgarut.threads=1}).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsPrepend = {OnBackend.VECTORS, OnBackend.NATIVE, OnBackend.COMPILER, OnBackend.COLLECTOR})
public abstract class OnBackend {
  static final String VECTORS = "--add-modules=jdk.incubator.vector";
  static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

  /** As the launcher has it: without it some launches leave an off-heap kernel in C1 code, a hundred times slower. */
  static final String COMPILER = "-XX:Tier3DelayOn=1000";

  /** As the launcher has it: the data lie outside the heap. */
  static final String COLLECTOR = "-XX:+UseSerialGC";

  /** {@code cpu}, or {@code reference} for the scalar twins. */
  @Param("cpu")
  public String backend;

  private Backend engine;

  /** For subclasses. */
  protected OnBackend() {}

  /** Makes the backend, and on it what the benchmark works with. */
  @Setup(Level.Trial)
  public final void open() {
    engine = Backends.create(backend);
    Executor.with(
        engine,
        () -> {
          make();
          return null;
        });
  }

  /** Frees it all. */
  @TearDown(Level.Trial)
  public final void close() {
    release();
    engine.close();
  }

  /** Makes what the benchmark works with, on the backend that is measured. Tensors are freed with the benchmark. */
  protected abstract void make();

  /** Frees what is no tensor. */
  protected void release() {}

  /** The backend that is measured. */
  protected final Backend engine() {
    return engine;
  }

  /** Computes once; the results' memory goes back to the pool. */
  protected final void run(Op op, Tensor... inputs) {
    try (TensorScope _ = TensorScope.open()) {
      engine.apply(op, inputs);
    }
  }
}
