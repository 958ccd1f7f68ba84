package io.garut.system.comparison;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.garut.train.data.Example;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.Source;
import io.garut.train.data.TrainingSet;
import io.garut.train.data.batch.Batch;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Position;
import io.garut.train.data.reading.ReadOptions;
import io.garut.train.data.reading.RecordReader;
import io.garut.transformer.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints which records {@code garut finetune} keeps for evaluation and which it learns at each of the first steps, as JSON: the
 * lines of the file, from 1. {@code src/test/python/finetune_comparison.py} takes the same steps in PyTorch.
 */
final class FinetuneBatches {
  private static final long SEED = 42;
  private static final int TEST = 200;

  private FinetuneBatches() {}

  /** Arguments: the model's folder, a file of JSON lines, the examples of a step, the number of steps. */
  public static void main(String[] args) throws IOException {
    Path model = Path.of(args[0]);
    try (ModelFiles files = ModelFiles.open(model);
        RecordReader reader = RecordReader.open(List.of(Path.of(args[1])), ReadOptions.strict())) {
      RecordEncoder encoder = RecordEncoder.of(files.tokenizer().orElseThrow());
      TrainingSet all = TrainingSet.read(reader, encoder, Math.min(1024, files.config().contextLength()));
      TrainingSet.Split split = all.split(TEST, SEED);
      Batches batches = Batches.of(split.train()).seed(SEED).examplesPerMicroBatch(Integer.parseInt(args[2]));
      List<List<Long>> steps = new ArrayList<>();
      Map<Example, Source> sources = new IdentityHashMap<>();
      for (int i = 0; i < split.train().size(); i++) {
        sources.put(split.train().examples().get(i), split.train().sources().get(i));
      }
      Position position = Position.START;
      while (steps.size() < Integer.parseInt(args[3])) {
        Batch batch = batches.at(position);
        position = batch.next();
        steps.add(batch.microBatches().getFirst().stream().map(example -> sources.get(example).line()).toList());
      }
      List<Long> test = split.test().sources().stream().map(Source::line).toList();
      System.out.println(new ObjectMapper().writeValueAsString(Map.of("test", test, "steps", steps)));
    }
  }
}
