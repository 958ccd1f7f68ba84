package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.terminal.Json;
import io.garut.cli.terminal.Numbers;
import io.garut.cli.terminal.ProgressBar;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.evaluation.Evaluator;
import io.garut.transformer.evaluation.Task;
import io.garut.transformer.evaluation.TaskFile;
import io.garut.transformer.evaluation.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garut eval}. */
@Command(
    name = "eval",
    header = "Asks a model the questions of well-known tasks, and marks the answers.",
    description = {
      "",
      "Zero-shot, with the formulas of lm-evaluation-harness: lambada_openai, piqa, arc_easy, arc_challenge, hellaswag,"
          + " winogrande. A file holds one record a line, as JSON, with the fields that the Hugging Face hub's data set"
          + " has.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  garut eval --model pythia-160m lambada_openai=lambada.jsonl piqa=piqa-validation.jsonl",
      "  garut eval --model pythia-160m-q8_0.gguf hellaswag=hellaswag.jsonl --limit 500 --out results.json"
    })
public final class EvalCommand implements Callable<Integer> {
  private final Console console;
  private final Interruption interruption;

  @Mixin private ModelOption model;
  @Mixin private AdapterOption adapter;
  @Mixin private ComputeOptions compute;

  @Parameters(paramLabel = "TASK=FILE", arity = "1..*", description = "The tasks, and where their questions are.")
  private List<String> tasks = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Ask the first N questions of each task only; below 1 it is their share.")
  private Double limit;

  @Option(names = "--json", description = "Print one JSON document, in the harness's shape.")
  private boolean json;

  @Option(names = {"-o", "--out"}, paramLabel = "FILE", description = "Write the JSON document to this file.")
  private Path out;

  /** Prints to {@code console}; ends on {@code interruption}. */
  public EvalCommand(Console console, Interruption interruption) {
    this.console = console;
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    model.path();
    if (limit != null && !(limit > 0)) {
      throw Failure.usage("--limit " + limit + ": say 1 or more, or a share between 0 and 1");
    }
    Map<Task, Path> files = files();
    checkOut();
    compute.apply();
    List<TaskFile> questions = new ArrayList<>();
    for (Map.Entry<Task, Path> entry : files.entrySet()) {
      questions.add(read(entry.getKey(), entry.getValue()));
    }
    long date = System.currentTimeMillis();
    long began = System.nanoTime();
    try (GptNeoX opened = model.open(console, adapter)) {
      Evaluator evaluator = new Evaluator(opened, ModelOption.tokenizer(opened));
      List<TaskResult> results = new ArrayList<>();
      for (TaskFile file : questions) {
        TaskResult result = evaluate(evaluator, file);
        results.add(result);
        if (!json) {
          print(result);
        }
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      EvalReport report = new EvalReport(model.path(), opened.config().parameters(), files, limit);
      Map<String, Object> document = report.document(results, date / 1000.0, seconds);
      if (json) {
        Json.print(console, document);
      }
      write(document);
      console.note("[" + Numbers.count(asked(results), "question") + " in " + Numbers.seconds(seconds) + "]");
    }
    return ExitCode.OK.code();
  }

  private Map<Task, Path> files() {
    Map<Task, Path> files = new EnumMap<>(Task.class);
    for (String named : tasks) {
      int equals = named.indexOf('=');
      if (equals < 0) {
        throw Failure.usage("'" + named + "': say TASK=FILE, such as piqa=piqa.jsonl");
      }
      try {
        Task task = Task.named(named.substring(0, equals));
        if (files.put(task, Path.of(named.substring(equals + 1))) != null) {
          throw Failure.usage(task.id() + " is named twice; leave one of them away");
        }
      } catch (IllegalArgumentException e) {
        throw Failure.usage(e.getMessage());
      }
    }
    return files;
  }

  /** Better before an hour's work than after. */
  private void checkOut() {
    if (out == null) {
      return;
    }
    Path folder = out.toAbsolutePath().getParent();
    if (Files.isDirectory(out) || folder == null || !Files.isWritable(Files.exists(out) ? out : folder)) {
      throw new Failure(ExitCode.CANNOT_CREATE, out + ": cannot be written; name a file in a folder that can be");
    }
  }

  private TaskFile read(Task task, Path file) throws IOException {
    TaskFile questions = limit == null ? TaskFile.read(task, file) : TaskFile.read(task, file, limit);
    if (questions.items().isEmpty()) {
      throw new Failure(ExitCode.DATA, file + ": holds no question; a line holds " + task.schema());
    }
    return questions;
  }

  private TaskResult evaluate(Evaluator evaluator, TaskFile file) throws IOException {
    long passages = file.items().stream().mapToLong(item -> item.passages().size()).sum();
    try (ProgressBar bar = ProgressBar.of(console, file.task().id(), passages, Numbers::whole)) {
      return evaluator.evaluate(
          file,
          done -> {
            bar.done(done);
            if (interruption.requested()) {
              throw new CancellationException("interrupted");
            }
          });
    }
  }

  private static long asked(List<TaskResult> results) {
    return results.stream().mapToLong(TaskResult::asked).sum();
  }

  private void print(TaskResult result) {
    String name = result.task().id();
    for (TaskResult.Score score : result.scores()) {
      String error =
          score.standardError().isPresent()
              ? String.format(Locale.ROOT, " ± %.4f", score.standardError().getAsDouble())
              : "";
      console.print(
          String.format(Locale.ROOT, "%-15s %-10s %10.4f%s%n", name, score.measure().id(), score.value(), error));
      name = "";
    }
  }

  private void write(Map<String, Object> document) {
    if (out == null) {
      return;
    }
    try {
      Files.writeString(out, Json.text(document));
    } catch (IOException e) {
      throw new Failure(ExitCode.IO, out + ": writing: " + e.getMessage() + "; choose another place", e);
    }
  }
}
