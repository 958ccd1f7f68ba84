package io.garut.train;

import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.tensor.spi.Executor;
import io.garut.train.autograd.Gradients;
import io.garut.train.autograd.RegionRules;
import io.garut.train.autograd.Tape;
import io.garut.train.data.Example;
import io.garut.train.optim.GradientNorm;
import io.garut.train.optim.Offload;
import io.garut.train.optim.Optimization;
import io.garut.transformer.CausalModel;
import java.util.List;
import java.util.Optional;

/**
 * Trains a model step by step: gradients of the micro-batches, their sum, its norm, clipping, the optimizer.
 *
 * <pre>{@code
 * try (var model = GptNeoX.trainable(Path.of("pythia-70m"), DType.F32);
 *     var trainer = new Trainer(model, model.weights(), TrainingOptions.adamW(5e-6))) {
 *   for (List<Example> batch : batches) {
 *     StepReport report = trainer.step(List.of(batch));
 *   }
 * }
 * }</pre>
 *
 * <p>The loss is a mean over the learnt tokens of all micro-batches together, as if they were one batch. For one thread.
 */
public final class Trainer implements AutoCloseable {
  private final CausalModel model;
  private final List<Tensor> parameters;
  private final TrainingOptions options;
  private final StepGroup group;
  private final Optimization optimization;
  private TrainerState state;

  /**
   * A trainer of {@code model}, which the caller closes.
   *
   * @param parameters what is trained: named weights, in memory that can be written to
   */
  public Trainer(CausalModel model, List<Tensor> parameters, TrainingOptions options) {
    this(model, parameters, options, StepGroup.alone(parameters));
  }

  /** The same as one rank of {@code group}, which the caller closes; all ranks take the same steps. */
  public Trainer(CausalModel model, List<Tensor> parameters, TrainingOptions options, StepGroup group) {
    this(model, parameters, options, group, Offload.NONE);
  }

  /** The same with the optimizer's memory where {@code offload}, which the caller closes, puts it. */
  public Trainer(
      CausalModel model, List<Tensor> parameters, TrainingOptions options, StepGroup group, Offload offload) {
    this.model = model;
    this.parameters = List.copyOf(parameters);
    this.options = options;
    this.group = group;
    this.optimization = new Optimization(options.optimizer(), group.owned(), offload);
    this.state = new TrainerState(0, 0, options.lossScale());
  }

  /** What is trained. */
  public List<Tensor> parameters() {
    return parameters;
  }

  /** The ranks that it trains with. */
  public StepGroup group() {
    return group;
  }

  /** Where training stands, beside parameters and optimizer. */
  public TrainerState state() {
    return state;
  }

  /** The optimizer's memory. */
  public Optimization optimization() {
    return optimization;
  }

  /** Goes on from {@code from}; parameters and {@link Optimization#state} have been overwritten. */
  public void restore(TrainerState from, long updates) {
    state = from;
    optimization.restore(updates);
  }

  /**
   * One step on the examples of {@code microBatches}, which are those of all ranks.
   *
   * @throws IllegalArgumentException if they hold nothing to learn
   * @throws DivergenceException if gradients were not finite more often in a row than may be
   */
  public StepReport step(List<List<Example>> microBatches) {
    long began = System.nanoTime();
    long learnt = microBatches.stream().mapToLong(CausalLoss::learnt).sum();
    if (learnt == 0) {
      throw new IllegalArgumentException("a batch without a token that is learnt");
    }
    double rate = options.learningRate().at(optimization.updates() + 1);
    try (TensorScope _ = TensorScope.open();
        Gradients gradients = gradients(microBatches, state.lossScale().value() / learnt)) {
      GradientNorm norm = group.norm(gradients);
      double scale = state.lossScale().value();
      boolean finite = norm.notFinite().isEmpty();
      if (finite) {
        GradientNorm unscaled = new GradientNorm(norm.value() / scale, norm.notFinite());
        optimization.step(gradients, rate, unscaled.clip(options.maxGradientNorm()) / scale);
        group.updated();
      }
      state = state.after(finite);
      Optional<String> skipped = norm.notFinite().map(Tensor::name);
      if (state.skipped() > options.mostSkipped()) {
        throw new DivergenceException(diverged(skipped.orElseThrow()));
      }
      long tokens = microBatches.stream().flatMap(List::stream).mapToLong(Example::length).sum();
      double seconds = (System.nanoTime() - began) * 1e-9;
      return new StepReport(
          state.step(), gradients.loss() / scale, norm.value() / scale, rate, tokens, learnt, seconds, skipped);
    }
  }

  private String diverged(String name) {
    return "step " + state.step() + ": the gradient of " + name + " is not finite, " + state.skipped()
        + " steps in a row; lower the learning rate, clip gradients, or look at the records of these steps";
  }

  private Gradients gradients(List<List<Example>> microBatches, double factor) {
    List<List<Example>> learnt = microBatches.stream().filter(examples -> CausalLoss.learnt(examples) > 0).toList();
    Executor executor = group.executor(Executor.current());
    RegionRules usual = region -> options.recompute() && region.recomputable();
    try (GradientSum sum = new GradientSum()) {
      for (StepGroup.Round round : group.rounds(learnt.size())) {
        try (CausalLoss loss = new CausalLoss(model, learnt.get(round.microBatch()))) {
          RegionRules rules = group.rules(round, usual);
          Gradients own = Executor.with(executor, () -> Tape.gradients(() -> loss.sum(factor), parameters, rules));
          sum.add(group.afterRound(round, own));
        }
      }
      return group.afterRounds(sum.finish());
    }
  }

  @Override
  public void close() {
    optimization.close();
  }
}
