package io.garut.jmh;

import io.garut.tensor.DType;
import io.garut.train.ModelFlops;
import io.garut.train.Trainer;
import io.garut.train.TrainingOptions;
import io.garut.train.data.Example;
import io.garut.transformer.GptNeoX;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole training steps of models with random weights, all tokens learnt: forward, backward, clipping, AdamW. {@code gigaflop}
 * counts {@link ModelFlops}, to be held against the F32 product of {@link MatMulBenchmark}.
 */
@Warmup(iterations = 3, time = 10)
@Measurement(iterations = 3, time = 10)
public class TrainingStepBenchmark extends OnBackend {
  /** Which. */
  @Param({"PYTHIA_70M", "PYTHIA_160M"})
  public ModelShape model;

  /** Of the matrices; the optimizer keeps F32. */
  @Param("F32")
  public DType dtype;

  /** Examples of a step and the tokens of each. */
  @Param("4x256")
  public String batch;

  /** Whether activations are computed again instead of kept. */
  @Param("false")
  public boolean recompute;

  private GptNeoX weights;
  private Trainer trainer;
  private List<Example> examples;
  private double flops;

  @Override
  protected void make() {
    int times = batch.indexOf('x');
    int count = Integer.parseInt(batch.substring(0, times));
    int length = Integer.parseInt(batch.substring(times + 1));
    weights = GptNeoX.random(model.config(), dtype, 1);
    trainer = new Trainer(weights, weights.weights(), TrainingOptions.adamW(1e-5).withRecompute(recompute));
    int vocabulary = weights.vocabularySize();
    examples =
        IntStream.range(0, count)
            .mapToObj(n -> Example.of(IntStream.range(0, length).map(i -> (n * length + i) * 31 % vocabulary).toArray()))
            .toList();
    long learnt = examples.stream().mapToLong(Example::learnt).sum();
    flops = ModelFlops.of(weights, weights.config().parameters()).of((long) count * length, learnt);
  }

  @Override
  protected void release() {
    trainer.close();
    weights.close();
  }

  /** One step of AdamW. */
  @Benchmark
  public void step(Rates.Prompted rate) {
    trainer.step(List.of(examples));
    rate.add(examples.stream().mapToLong(Example::length).sum(), flops);
  }
}
