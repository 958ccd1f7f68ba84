package io.garut.cli.command;

import io.garut.transformer.evaluation.Evaluator;
import io.garut.transformer.evaluation.Measure;
import io.garut.transformer.evaluation.Task;
import io.garut.transformer.evaluation.TaskResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results document of lm-evaluation-harness, as far as it has a meaning here.
 *
 * @param limit what {@code --limit} said, or null
 */
record EvalReport(Path model, long parameters, Map<Task, Path> files, Double limit) {
  private static final String FILTER = ",none"; // the harness may filter answers; these tasks do not

  /**
   * The document.
   *
   * @param date of the beginning, in seconds since 1970
   * @param seconds that it took
   */
  Map<String, Object> document(List<TaskResult> results, double date, double seconds) {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> scores = part(all, "results");
    part(all, "group_subtasks");
    Map<String, Object> configs = part(all, "configs");
    Map<String, Object> versions = part(all, "versions");
    Map<String, Object> shots = part(all, "n-shot");
    Map<String, Object> higher = part(all, "higher_is_better");
    Map<String, Object> samples = part(all, "n-samples");
    for (TaskResult result : results) {
      String id = result.task().id();
      scores.put(id, scores(result));
      configs.put(id, config(result.task()));
      versions.put(id, result.task().version());
      shots.put(id, 0);
      Map<String, Object> better = part(higher, id);
      for (Measure measure : result.task().measures()) {
        better.put(measure.id(), measure.higherIsBetter());
      }
      Map<String, Object> counts = part(samples, id);
      counts.put("original", result.records());
      counts.put("effective", result.asked());
    }
    Map<String, Object> config = part(all, "config");
    config.put("model", "garut");
    config.put("model_args", "pretrained=" + model);
    config.put("model_num_parameters", parameters);
    config.put("limit", limit);
    config.put("bootstrap_iters", Evaluator.RESAMPLES);
    all.put("date", date);
    all.put("total_evaluation_time_seconds", Double.toString(seconds)); // a text, as the harness has it
    return all;
  }

  private static Map<String, Object> part(Map<String, Object> whole, String key) {
    Map<String, Object> part = new LinkedHashMap<>();
    whole.put(key, part);
    return part;
  }

  private static Map<String, Object> scores(TaskResult result) {
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("name", result.task().id());
    scores.put("alias", result.task().id());
    scores.put("sample_len", result.asked());
    for (TaskResult.Score score : result.scores()) {
      scores.put(score.measure().id() + FILTER, score.value());
      boolean known = score.standardError().isPresent();
      scores.put(score.measure().id() + "_stderr" + FILTER, known ? score.standardError().getAsDouble() : "N/A");
    }
    return scores;
  }

  private Map<String, Object> config(Task task) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("task", task.id());
    config.put("dataset_path", files.get(task).toString());
    config.put("num_fewshot", 0);
    return config;
  }
}
