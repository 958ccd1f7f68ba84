package io.garut.train.run;

import io.garut.tensor.TensorScope;
import io.garut.train.CausalLoss;
import io.garut.train.data.Example;
import io.garut.train.data.batch.Batches;
import io.garut.train.data.batch.Examples;
import io.garut.transformer.CausalModel;
import java.util.List;

/** Measures the loss of a model on examples that it does not learn from. */
public final class Evaluator {
  private static final int TOKENS = 1024; // at a time: enough to keep products busy

  private final CausalModel model;
  private final Batches batches;

  /** Of {@code model}, which the caller closes, on {@code examples}, one at least. */
  public Evaluator(CausalModel model, Examples examples) {
    this.model = model;
    int longest = 0;
    for (int i = 0; i < examples.size(); i++) {
      longest = Math.max(longest, examples.length(i));
    }
    batches = Batches.of(examples).inOrder().tokensPerMicroBatch(Math.max(TOKENS, longest));
  }

  /** The mean −log P over all learnt tokens. */
  public double loss() {
    double total = 0;
    long learnt = 0;
    for (var batch : batches.epochs(1)) {
      for (List<Example> examples : batch.microBatches()) {
        int count = CausalLoss.learnt(examples);
        if (count > 0) {
          try (TensorScope _ = TensorScope.open();
              CausalLoss loss = new CausalLoss(model, examples)) {
            total += loss.sum(1).item();
            learnt += count;
          }
        }
      }
    }
    return total / learnt;
  }
}
