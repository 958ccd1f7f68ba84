package io.garut.train.run;

import io.garut.tensor.NonFiniteException;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.spi.Executor;
import io.garut.train.DivergenceException;
import io.garut.train.StepGroup;
import io.garut.train.StepReport;
import io.garut.train.Trainer;
import io.garut.train.data.batch.Batch;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Position;
import io.garut.transformer.CausalModel;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A run: steps over batches, with evaluations and checkpoints in between. What happens at a step depends on its number only,
 * so a run that was resumed ends with the bits of one that was not.
 */
public final class TrainingLoop {
  /**
   * How long a run goes on, and what it does on the way.
   *
   * @param epochs passes over the examples
   * @param mostSteps steps at which it ends anyway; 0 for all
   * @param evaluateEvery steps between evaluations; 0 for none but the first and the last
   * @param saveEvery steps between checkpoints; 0 for none but the last
   * @param settings of the run, to be kept in its checkpoints
   */
  public record Plan(int epochs, long mostSteps, int evaluateEvery, int saveEvery, Map<String, Object> settings) {
    /** Checks the numbers. */
    public Plan {
      if (epochs < 1 || mostSteps < 0 || evaluateEvery < 0 || saveEvery < 0) {
        throw new IllegalArgumentException("a run has 1 epoch or more, and no negative number of steps");
      }
      settings = Map.copyOf(settings);
    }

    /** How many steps the run has over {@code batches}. */
    public long steps(Batches batches) {
      return batches.steps(epochs, mostSteps == 0 ? Long.MAX_VALUE : mostSteps);
    }
  }

  private static final long NOTHING_YET = -1;
  private static final String EPOCH = "epoch";
  private static final String INDEX = "index";
  private static final String DATA = "fingerprint";

  private final CausalModel model;
  private final Tokenizer tokenizer;
  private final Trainer trainer;
  private final Batches batches;
  private final Plan plan;
  private final Optional<Evaluator> evaluator;
  private final PromptBattery battery;
  private final TrainingListener listener;
  private Position position = Position.START;

  /**
   * A run.
   *
   * @param tokenizer for the prompts
   * @param evaluator for the loss on other examples, if there are any
   * @param battery prompts, perhaps none
   */
  public TrainingLoop(
      CausalModel model,
      Tokenizer tokenizer,
      Trainer trainer,
      Batches batches,
      Plan plan,
      Optional<Evaluator> evaluator,
      PromptBattery battery,
      TrainingListener listener) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.trainer = trainer;
    this.batches = batches;
    this.plan = plan;
    this.evaluator = evaluator;
    this.battery = battery;
    this.listener = listener;
  }

  /**
   * Goes on from where {@code state}, of a checkpoint that has been restored, stands.
   *
   * @throws CheckpointException if that run had other examples or other batches
   */
  public void resume(StoredCheckpoint checkpoint, SavedState state) throws CheckpointException {
    if (state.position(DATA) != batches.fingerprint()) {
      throw new CheckpointException(
          checkpoint.folder(), "the examples", "are others than those of this run, or in other batches",
          "resume with the files and settings of the run that it belongs to");
    }
    position = new Position((int) state.position(EPOCH), (int) state.position(INDEX));
  }

  /**
   * Goes on, on all ranks together, from the last good checkpoint, if there is one; what was written of later steps is taken
   * back.
   *
   * @param told what a user should know
   * @throws CheckpointException if it cannot be read, or is of another run
   */
  public void resumeLast(RunRecord record, Consumer<String> told) throws CheckpointException {
    long step = trainer.group().fromFirst(record instanceof RunFolder folder ? lastGood(folder, told) : NOTHING_YET);
    if (step == NOTHING_YET) {
      told.accept("there is no whole checkpoint yet: begun anew");
    } else {
      StoredCheckpoint checkpoint = Checkpoints.stored(record.folder(), step);
      resume(checkpoint, checkpoint.restoreParts(trainer));
      told.accept("resumed from " + checkpoint.folder());
    }
    if (record instanceof RunFolder folder) {
      folder.rewind(trainer.state().step()).forEach(told);
    }
  }

  private static long lastGood(RunFolder folder, Consumer<String> told) throws CheckpointException {
    CheckpointSearch search = folder.checkpoints().latestGood();
    search.passedOver().forEach(each -> told.accept(each.folder() + " is passed over: " + each.why()));
    return search.found().map(StoredCheckpoint::step).orElse(NOTHING_YET);
  }

  /**
   * Runs to the end, or until the listener stops it; ends with a checkpoint either way.
   *
   * @param record what happens is written down here
   * @param part what checkpoints hold of the model
   * @return whether it came to its end
   * @throws CheckpointException if a checkpoint cannot be written; earlier ones stay
   * @throws DivergenceException if gradients were not finite more often in a row than may be
   */
  public boolean run(RunRecord record, ModelPart part) throws CheckpointException {
    if (position.equals(Position.START)) {
      evaluate(record, 0);
    }
    long last = plan.steps(batches);
    long step = trainer.state().step();
    while (step < last) {
      Batch batch = batches.at(position);
      StepReport report = trainer.step(batch.microBatches());
      position = batch.next();
      step = report.step();
      record.step(report);
      listener.step(report);
      boolean stop = step < last && trainer.group().any(listener.stop());
      if (step == last || every(plan.evaluateEvery, step)) {
        evaluate(record, step);
      }
      boolean sound = trainer.state().skipped() == 0; // else these may be the weights that went wrong
      if (step == last || sound && (stop || every(plan.saveEvery, step))) {
        StoredCheckpoint saved = record.save(part.snapshot(trainer, place(), plan.settings));
        listener.saved(step, saved.folder());
      }
      if (stop) {
        return false;
      }
    }
    return true;
  }

  private List<Sample> samples() {
    if (battery.prompts().isEmpty()) {
      return List.of();
    }
    try (StepGroup.Whole _ = trainer.group().whole()) { // decoding is recorded on memory that stays
      return battery.sample(model, tokenizer);
    } catch (NonFiniteException e) { // steps are being skipped; that the run tells better
      return battery.prompts().stream().map(prompt -> new Sample(prompt, "(none: " + e.getMessage() + ")")).toList();
    }
  }

  private Map<String, Object> place() {
    return Map.of(EPOCH, position.epoch(), INDEX, position.index(), DATA, batches.fingerprint());
  }

  private static boolean every(int steps, long step) {
    return steps > 0 && step % steps == 0;
  }

  private void evaluate(RunRecord record, long step) throws CheckpointException {
    Executor executor = trainer.group().executor(Executor.current());
    double loss = evaluator.map(each -> Executor.with(executor, each::loss)).orElse(Double.NaN);
    Evaluation evaluation = new Evaluation(step, loss, samples());
    record.evaluation(evaluation);
    listener.evaluated(evaluation);
  }
}
