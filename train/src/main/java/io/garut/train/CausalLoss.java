package io.garut.train;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Layer;
import io.garut.tensor.spi.Executor;
import io.garut.train.data.Example;
import io.garut.transformer.CausalModel;
import io.garut.transformer.TokenBatch;
import java.util.List;

/**
 * How badly a model predicts the tokens of some examples from those before them: the sum of −log P over the tokens that are
 * learnt. Logits are made for those only.
 */
public final class CausalLoss implements AutoCloseable {
  private final CausalModel model;
  private final TokenBatch tokens;
  private final Tensor rows; // the tokens after which one is learnt
  private final Tensor labels; // what comes after them

  /**
   * Of {@code examples}, which do not see each other.
   *
   * @throws IllegalArgumentException if no token of them is learnt, or one is longer than the model's context
   */
  public CausalLoss(CausalModel model, List<Example> examples) {
    this.model = model;
    int learnt = learnt(examples);
    if (learnt == 0) {
      throw new IllegalArgumentException("examples without a token that is learnt");
    }
    for (Example example : examples) {
      if (example.length() > model.contextLength()) {
        throw new IllegalArgumentException(
            "an example of " + example.length() + " tokens; the model's context holds " + model.contextLength());
      }
    }
    int[] at = new int[learnt];
    int[] next = new int[learnt];
    int count = 0;
    int start = 0;
    for (Example example : examples) {
      for (int i = 1; i < example.length(); i++) {
        if (example.labels()[i] != Example.IGNORE) {
          at[count] = start + i - 1;
          next[count++] = example.labels()[i];
        }
      }
      start += example.length();
    }
    tokens = TokenBatch.sequences(examples.stream().map(Example::ids).toArray(int[][]::new));
    rows = Tensor.of(at).keep();
    labels = Tensor.of(next).keep();
  }

  /** How many tokens of {@code examples} are learnt. */
  public static int learnt(List<Example> examples) {
    return examples.stream().mapToInt(Example::learnt).sum();
  }

  /** The sum times {@code factor}, a scalar F32. */
  public Tensor sum(double factor) {
    Tensor hidden = model.hidden(tokens, null).indexSelect(0, rows); // [learnt, F]
    Tensor losses = Executor.current().apply(new Layer.CrossEntropy(), model.logits(hidden), labels)[0];
    return losses.sum().times(factor);
  }

  @Override
  public void close() {
    tokens.close();
    rows.close();
    labels.close();
  }
}
