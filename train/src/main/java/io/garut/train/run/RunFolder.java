package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.train.StepReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * All that a training run leaves on the disk:
 *
 * <ul>
 *   <li>{@code config.json}: its {@link RunSettings};
 *   <li>{@code metrics.jsonl}: a line for each step and each evaluation;
 *   <li>{@code samples.jsonl}: the answers to the battery of prompts, a line for each evaluation;
 *   <li>{@code events.out.tfevents.…}: both for TensorBoard;
 *   <li>{@code report.html}: both as a page that needs nothing else;
 *   <li>{@code checkpoint-<step>}: its {@link Checkpoints};
 *   <li>{@code model}: what came out, if the run has come to its end.
 * </ul>
 *
 * <p>A run that goes on from a checkpoint calls {@link #rewind} first: afterwards the folder is what it was at that step. For
 * this an evaluation is told before the checkpoint of its step is saved. For one thread; other runs are kept out until this is
 * closed.
 */
public final class RunFolder implements RunRecord {
  private static final String CONFIG = "config.json";

  /** What is there before a run begins: texts made ready, what its ranks have, and what a killed attempt left of these. */
  private static final Pattern BEFORE_A_RUN =
      Pattern.compile("\\..*|tokenizer\\.json(\\d+\\.partial)?|tokens\\.bin(\\.part)?|rank-\\d+\\.log");

  private final Path folder;
  private final RunSettings settings;
  private final Checkpoints checkpoints;
  private final InstantSource clock;
  private final JsonLines metrics;
  private final JsonLines samples;
  private RunHistory history = new RunHistory();
  private TensorBoardFile events;

  private RunFolder(Path folder, RunSettings settings, Checkpoints checkpoints, InstantSource clock)
      throws CheckpointException {
    this.folder = folder;
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.clock = clock;
    this.metrics = JsonLines.open(folder.resolve("metrics.jsonl"));
    try {
      this.samples = JsonLines.open(folder.resolve("samples.jsonl"));
    } catch (CheckpointException e) {
      metrics.close();
      throw e;
    }
    checkpoints.beforeSaving(
        () -> { // a checkpoint of a step must not outlive the lines before it
          metrics.sync();
          samples.sync();
        });
  }

  /**
   * Begins a run in {@code folder}, which is made if need be.
   *
   * @param keep how many checkpoints may be there, 1 at least
   * @throws CheckpointException if the folder is not {@linkplain #requireFree free}, belongs to a run that is going on, or
   *     cannot be written to
   */
  public static RunFolder create(Path folder, RunSettings settings, int keep) throws CheckpointException {
    return create(folder, settings, keep, InstantSource.system());
  }

  /** The same with the clock that says when things happened; nothing else depends on it. */
  static RunFolder create(Path folder, RunSettings settings, int keep, InstantSource clock) throws CheckpointException {
    Checkpoints checkpoints = Checkpoints.open(folder, keep);
    try {
      requireFree(folder);
      settings.write(folder.resolve(CONFIG)); // now it is a run, and what else there is its own
      RunFolder run = new RunFolder(folder, settings, checkpoints, clock);
      run.rewind(0);
      return run;
    } catch (CheckpointException | RuntimeException | Error e) {
      checkpoints.close();
      throw e;
    }
  }

  /**
   * Checks that {@code folder} is not there or holds nothing but what a run may find: a {@code tokenizer.json} and a {@code
   * tokens.bin} that were made for it, logs of ranks, the lock, and other hidden files. A run writes over files, so those of
   * others must not be among them.
   *
   * @throws CheckpointException naming what else it holds
   */
  public static void requireFree(Path folder) throws CheckpointException {
    if (!Files.exists(folder)) {
      return;
    }
    if (Files.exists(folder.resolve(CONFIG))) {
      throw new CheckpointWriteException(
          folder, "holds a run, or a model, already", "go on with that (--resume), or name another folder");
    }
    Optional<String> foreign;
    try (Stream<Path> files = Files.list(folder)) {
      foreign = files.map(file -> file.getFileName().toString())
          .filter(name -> !BEFORE_A_RUN.matcher(name).matches())
          .sorted()
          .findFirst();
    } catch (NotDirectoryException e) {
      throw new CheckpointWriteException(folder, "is a file", "name a folder for the run", e);
    } catch (IOException | UncheckedIOException e) {
      throw new CheckpointException(folder, "listing", "cannot be read (" + e + ")", "check the path and its disk", e);
    }
    if (foreign.isPresent()) {
      throw new CheckpointWriteException(
          folder, "holds '" + foreign.get() + "', which is of no run", "name a new folder, or an empty one");
    }
  }

  /**
   * Takes the run in {@code folder} up again. Next, {@link Checkpoints#latestGood look for} a checkpoint, and {@link #rewind}
   * to it, or to 0 if there is none.
   *
   * @throws CheckpointException if there is none, it is going on, or the folder cannot be written to
   */
  public static RunFolder resume(Path folder, int keep) throws CheckpointException {
    return resume(folder, keep, InstantSource.system());
  }

  /** The same with the clock that says when things happened; nothing else depends on it. */
  static RunFolder resume(Path folder, int keep, InstantSource clock) throws CheckpointException {
    RunSettings settings = settings(folder);
    Checkpoints checkpoints = Checkpoints.open(folder, keep);
    try {
      return new RunFolder(folder, settings, checkpoints, clock);
    } catch (CheckpointException | RuntimeException | Error e) {
      checkpoints.close();
      throw e;
    }
  }

  /**
   * What the run in {@code folder} was started with.
   *
   * @throws CheckpointException if there is none
   */
  public static RunSettings settings(Path folder) throws CheckpointException {
    if (!Files.exists(folder.resolve(CONFIG))) {
      throw new CheckpointException(folder, CONFIG, "is missing", "name the folder of a run, or begin one");
    }
    return RunSettings.read(folder.resolve(CONFIG));
  }

  @Override
  public Path folder() {
    return folder;
  }

  /**
   * Checks that the run in {@code folder} was started with what {@code now} has, those files apart that {@link
   * RunSettings#requireSameFiles} checks, and what it may go on with otherwise.
   *
   * @throws IllegalArgumentException naming a setting that differs
   * @throws CheckpointException if there is no run
   */
  public static void requireSame(Path folder, RunSettings now) throws CheckpointException {
    requireNone(now.withoutChecksums().difference(settings(folder).withoutChecksums()), folder);
  }

  /**
   * The same for the files among them, before they are read, and that these are as they were.
   *
   * @throws IllegalArgumentException naming one that is another
   * @throws CheckpointException naming one that has changed
   */
  public static void requireSameFiles(Path folder, RunSettings files) throws CheckpointException {
    RunSettings then = settings(folder);
    requireNone(files.withoutChecksums().differenceOfOwn(then), folder);
    then.requireSameFiles();
  }

  private static void requireNone(Optional<String> difference, Path folder) {
    if (difference.isPresent()) {
      throw new IllegalArgumentException(
          "the run in " + folder + " has " + difference.get() + "; resume it with the options that it was begun with");
    }
  }

  /** What it was started with. */
  public RunSettings settings() {
    return settings;
  }

  /** Its checkpoints. Saving one brings what was told so far to the disk. */
  public Checkpoints checkpoints() {
    return checkpoints;
  }

  /** Where the trained model goes. */
  public Path modelFolder() {
    return folder.resolve("model");
  }

  /** Where the page about the run lies. */
  public Path report() {
    return folder.resolve("report.html");
  }

  /**
   * Goes back to how things were after {@code step}: what was told of later steps is taken out of every file. After step 0
   * there was nothing, not even an evaluation.
   *
   * @return what the user should know: lines that were damaged
   * @throws CheckpointException if a file cannot be read or written
   */
  public List<String> rewind(long step) throws CheckpointException {
    RunHistory kept = new RunHistory();
    List<String> notes = new ArrayList<>();
    long last = step == 0 ? -1 : step;
    metrics.rewind(last, kept::addMetrics).ifPresent(notes::add);
    samples.rewind(last, kept::addSamples).ifPresent(notes::add);
    history = kept;
    if (events != null) {
      events.close();
    }
    events = TensorBoardFile.begin(folder, now());
    for (RunHistory.Step each : kept.steps()) {
      tell(each);
    }
    for (RunHistory.Evaluated each : kept.evaluations()) {
      tell(each);
    }
    return notes;
  }

  /**
   * Writes down what a step did.
   *
   * @throws CheckpointException if the disk fails
   */
  @Override
  public void step(StepReport report) throws CheckpointException {
    RunHistory.Step step = new RunHistory.Step(report, now());
    metrics.append(RunHistory.metrics(step));
    history.add(step);
    tell(step);
  }

  private void tell(RunHistory.Step step) throws CheckpointException {
    StepReport report = step.report();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/loss", report.loss());
    values.put("train/gradient_norm", report.gradientNorm());
    values.put("train/learning_rate", report.learningRate());
    values.put("train/tokens_per_second", report.tokens() / report.seconds());
    events.scalars(step.time(), report.step(), values);
  }

  /**
   * Writes down an evaluation, and the report anew.
   *
   * @throws CheckpointException if the disk fails
   */
  @Override
  public void evaluation(Evaluation evaluation) throws CheckpointException {
    RunHistory.Evaluated evaluated = new RunHistory.Evaluated(evaluation, now());
    metrics.append(RunHistory.metrics(evaluated));
    if (!evaluation.samples().isEmpty()) {
      samples.append(RunHistory.samples(evaluation));
    }
    history.add(evaluated);
    tell(evaluated);
    writeReport();
  }

  @Override
  public StoredCheckpoint save(Snapshot snapshot) throws CheckpointException {
    return checkpoints.save(snapshot);
  }

  private void tell(RunHistory.Evaluated evaluated) throws CheckpointException {
    Evaluation evaluation = evaluated.evaluation();
    events.scalars(evaluated.time(), evaluation.step(), Map.of("eval/loss", evaluation.loss()));
    events.samples(evaluated.time(), evaluation.step(), evaluation.samples());
  }

  /**
   * Writes the page about the run anew.
   *
   * @throws CheckpointException if the disk fails; the old page stays then
   */
  public void writeReport() throws CheckpointException {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    String title = Optional.ofNullable(name).map(Path::toString).orElse("run");
    RunSettings.writeWhole(report(), new ReportPage(title, settings, history).html());
  }

  private double now() {
    return clock.millis() / 1e3;
  }

  @Override
  public void close() throws CheckpointException {
    try (checkpoints;
        metrics;
        samples) {
      if (events != null) {
        events.close();
      }
    }
  }
}
