package io.garut.train.data.batch;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.Example;
import java.util.List;

/** Examples by number, in memory or not. The same number always gives the same example; threads may share them. */
public interface Examples {
  /** How many there are. */
  int size();

  /** The tokens of example {@code index}, from 0. */
  int length(int index);

  /** Example {@code index}, from 0. */
  Example get(int index);

  /**
   * A number that tells these examples from others, for a checkpoint to know whether it resumes on the same ones. Equal for
   * equal examples; not proof against forgery.
   */
  long fingerprint();

  /** Those of a list. */
  static Examples of(List<Example> list) {
    List<Example> examples = List.copyOf(list);
    return new Examples() {
      @Override
      public int size() {
        return examples.size();
      }

      @Override
      public int length(int index) {
        return examples.get(index).length();
      }

      @Override
      public Example get(int index) {
        return examples.get(index);
      }

      @Override
      public long fingerprint() {
        long hash = examples.size();
        for (Example example : examples) {
          hash = SplitMix64.bits(hash, example.length());
          for (int i = 0; i < example.length(); i++) {
            hash = SplitMix64.bits(hash, ((long) example.ids()[i] << 32) + example.labels()[i]);
          }
        }
        return hash;
      }
    };
  }
}
