package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Movement;
import io.garut.tensor.op.Pointwise;
import io.garut.tensor.op.Reduction;
import io.garut.tensor.op.Update;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Plan;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A replayed plan takes no heap once C2 has compiled its kernels: no vector ends up as an object. */
class ReplayAllocationTest {
  /** A step of decoding, small, with every kernel that one has, and the layers of a short prompt. */
  private static void step() {
    Tensor ids = Tensor.of(new int[] {7});
    Tensor x = weight(64, 48).embedding(ids);
    Tensor normal = Executor.current().apply(new Layer.LayerNorm(1e-5), x, vector(48), vector(48))[0];
    Tensor qkv = normal.linear(packed(DType.F16, 144, 48), vector(144), Activation.IDENTITY).reshape(1, 3, 48);
    Tensor q = qkv.slice(2, 0, 16);
    Tensor k = qkv.slice(2, 16, 32);
    Tensor v = qkv.slice(2, 32, 48);
    Tensor position = Tensor.of(new int[] {30});
    Tensor slot = Tensor.of(new int[] {0});
    Tensor turned = Executor.current().apply(new Layer.Rotary(), q, position, weight(40, 4), weight(40, 4))[0];
    for (DType type : new DType[] {DType.F32, DType.F16}) {
      Tensor keys = cache(type);
      Tensor values = cache(type);
      Executor.current().apply(new Layer.AppendCache(), keys, k, slot, position);
      Executor.current().apply(new Layer.AppendCache(), values, v, slot, position);
      Executor.current().apply(new Layer.CachedAttention(0.25f), turned, keys, values, slot, position);
    }
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0}) {
      Tensor weight = packed(type, 77, 64);
      Tensor wide = weight(1, 64).linear(weight, vector(77), Activation.GELU);
      wide.plus(vector(77)).softmax(-1).argmax(-1);
      weight(7, 64).linear(weight, vector(77), Activation.GELU);
    }
    Executor.current().apply(new Movement.Permute(List.of(1, 0, 2)), qkv);
    Executor.current().apply(new Pointwise.Activate(Activation.TANH), qkv);
    qkv.sum();
  }

  /** What flows back in a step of training, and the update, small. */
  private static void trainingStep() {
    for (Activation activation : new Activation[] {Activation.GELU, Activation.GELU_TANH, Activation.RELU}) {
      Executor.current().apply(new Backward.Activate(activation), weight(3, 77), weight(3, 77));
    }
    Executor.current().apply(new Backward.LayerNorm(1e-5), weight(37, 77), vector(77), weight(37, 77));
    Tensor labels = Tensor.of(new int[] {0, 300, Layer.CrossEntropy.IGNORE});
    Executor.current().apply(new Backward.CrossEntropy(), weight(3, 301), labels, vector(3));
    Tensor q = weight(37, 4, 20);
    Tensor k = weight(37, 2, 20);
    Executor.current().apply(new Backward.Attention(0.3f), q, k, k, Tensor.zeros(DType.I32, 37), q);
    Executor.current().apply(new Indexing.SegmentSum(0, 99), weight(3, 77), Tensor.of(new int[] {7, 98, 7}));
    Executor.current().apply(new Reduction.SquareSums(64), vector(333));
    Executor.current().apply(new Movement.Split(1, 3), weight(5, 3, 20));
    Tensor schedule = Tensor.of(new double[] {1e-4, 10, 1});
    Tensor p = vector(333);
    Tensor squares = vector(333).square();
    Executor.current()
        .apply(new Update.AdamW(0.9, 0.999, 1e-8, 0.1), p, vector(333), squares, vector(333), schedule);
    Executor.current().apply(new Update.Sgd(0.9, true, 0), p, vector(333), vector(333), schedule);
    Executor.current().apply(new Update.Add(), p, vector(333));
    Executor.current().apply(new Update.Scale(), p, Tensor.of(new float[] {0.5f}).reshape());
    Executor.current().apply(new Update.Copy(), vector(333).cast(DType.BF16), p);
  }

  /** Made by the backend itself, so that the recording does not hear of it. */
  private static Tensor weight(long... dims) {
    return Executor.with(Executor.current().backend(), () -> Tensor.randn(Shape.of(dims), 5).times(0.1));
  }

  private static Tensor cache(DType type) {
    return Executor.with(Executor.current().backend(), () -> Tensor.zeros(DType.F32, 1, 3, 40, 16).cast(type));
  }

  private static Tensor vector(long length) {
    return weight(length);
  }

  private static Tensor packed(DType type, long rows, long columns) {
    Tensor weight = Executor.with(Executor.current().backend(), () -> weight(rows, columns).cast(type));
    weight.prepare();
    return weight;
  }

  @Test
  void aStepOfDecodingTakesNoHeap() {
    takesNoHeap(ReplayAllocationTest::step);
  }

  @Test
  void aStepOfTrainingTakesNoHeap() {
    takesNoHeap(ReplayAllocationTest::trainingStep);
  }

  private static void takesNoHeap(Runnable step) {
    assumeTrue(SimdSupport.available(), "the plain loops are not the fast path");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CpuBackend backend = new CpuBackend(2);
        Plan plan = Plan.record(backend, step)) {
      long[] ids = Thread.getAllStackTraces().keySet().stream()
          .filter(t -> t == Thread.currentThread() || t.getName().startsWith("garut-worker"))
          .mapToLong(Thread::threadId)
          .toArray();
      long least = Long.MAX_VALUE;
      long deadline = System.nanoTime() + 60_000_000_000L; // compilation goes on beside it
      while (least > 64 && System.nanoTime() < deadline) {
        long before = Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
        for (int i = 0; i < 200; i++) {
          plan.replay();
        }
        least = Math.min(least, (Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum() - before) / 200);
      }
      assertThat(least).as("bytes a replay, in all threads").isLessThanOrEqualTo(64);
    }
  }
}
