package io.garut.train.autograd;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Backward;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import java.util.function.Supplier;

/** The coarse operations of a transformer. */
final class LayerRules {
  private LayerRules() {}

  static Pullback of(Layer op, Call call) {
    return switch (op) {
      case Layer.LayerNorm(var epsilon) -> {
        Supplier<Tensor> x = call.keep(0);
        Supplier<Tensor> weight = call.keep(1);
        yield dy -> Executor.current().apply(new Backward.LayerNorm(epsilon), x.get(), weight.get(), dy[0]);
      }
      case Layer.Rotary rotary -> rotary(rotary, call);
      case Layer.Attention(var scale) -> {
        Supplier<Tensor> q = call.keep(0);
        Supplier<Tensor> k = call.keep(1);
        Supplier<Tensor> v = call.keep(2);
        Supplier<Tensor> starts = call.keep(3);
        yield dy -> {
          Backward.Attention backward = new Backward.Attention(scale);
          Tensor[] dx = Executor.current().apply(backward, q.get(), k.get(), v.get(), starts.get(), dy[0]);
          return new Tensor[] {dx[0], dx[1], dx[2], null};
        };
      }
      case Layer.CrossEntropy _ -> {
        Supplier<Tensor> logits = call.keep(0);
        Supplier<Tensor> labels = call.keep(1);
        yield call.back(
            dy -> Executor.current().apply(new Backward.CrossEntropy(), logits.get(), labels.get(), dy)[0]);
      }
      case Layer.CachedAttention _ -> throw call.refused("a cache is for generating; compute without one");
      case Layer.AppendCache _ -> throw call.refused("it writes in place");
    };
  }

  /** A rotation by the opposite angles. That of the angles themselves is refused: they are a table. */
  private static Pullback rotary(Layer.Rotary op, Call call) {
    if (call.wants(2) || call.wants(3)) {
      throw call.refused("its cosines and sines are constants; detach() them");
    }
    Supplier<Tensor> positions = call.keep(1);
    Supplier<Tensor> cos = call.keep(2);
    Supplier<Tensor> sin = call.keep(3);
    return call.back(dy -> Executor.current().apply(op, dy, positions.get(), cos.get(), sin.get().neg())[0]);
  }
}
