package io.garut.train.run;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.train.optim.LossScale;
import io.garut.train.optim.Optimizer;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.convert.ModelWriter;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A model of some thousand parameters and its trainer. */
final class SmallRun implements AutoCloseable {
  private static final NeoXConfig CONFIG =
      new NeoXConfig(
          53, 24, 2, 3, 40, Activation.GELU, new RotaryConfig(0.5, 10000, new RotaryConfig.Unscaled()), 16, 1e-5, true, true,
          false, 0, 0);

  final GptNeoX model;
  final Trainer trainer;

  SmallRun(DType dtype, Optimizer optimizer, long seed) {
    this(model(dtype, seed), null, optimizer);
  }

  /** Trains {@code parameters} only, or all weights of {@code model} if that is null. */
  SmallRun(GptNeoX model, List<Tensor> parameters, Optimizer optimizer) {
    this.model = model;
    TrainingOptions options =
        TrainingOptions.adamW(1e-2).withOptimizer(optimizer).withLossScale(new LossScale(8, 3, 0));
    trainer = new Trainer(model, parameters == null ? model.weights() : parameters, options);
  }

  static GptNeoX model(DType dtype, long seed) {
    return GptNeoX.random(CONFIG, dtype, seed);
  }

  /** Takes the next steps; what they learn depends on their number only. */
  void steps(int count) {
    for (int i = 0; i < count; i++) {
      long step = trainer.state().step();
      int[] ids = IntStream.range(0, 11).map(t -> (t * t + 7 * (int) step) % 53).toArray();
      trainer.step(List.of(List.of(new Example(ids, ids))));
    }
  }

  Snapshot snapshot() {
    return snapshot(ModelPart.of(ModelWriter.of(model)));
  }

  Snapshot snapshot(ModelPart part) {
    Map<String, Object> data = Map.of("epoch", 1, "next", trainer.state().step() * 3_000_000_000L);
    return Snapshot.of(part, trainer, data, Map.of("learning_rate", 1e-2, "files", List.of("a.jsonl")));
  }

  SavedState restore(StoredCheckpoint checkpoint) throws CheckpointException {
    return checkpoint.restore(model.weights(), trainer);
  }

  /** Every bit that the next step depends on. */
  List<byte[]> bits() {
    List<byte[]> all = new ArrayList<>();
    model.weights().forEach(weight -> all.add(bytes(weight)));
    trainer.optimization().state().values().forEach(state -> all.add(bytes(state)));
    all.add(trainer.state().toString().getBytes(StandardCharsets.UTF_8));
    return all;
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}
