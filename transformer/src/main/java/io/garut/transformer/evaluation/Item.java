package io.garut.transformer.evaluation;

import java.util.List;

/** One question of a task. */
public sealed interface Item {
  /** Where it comes from. */
  Place place();

  /** What the model is to score for it. */
  List<Passage> passages();

  /** The one right continuation, which the model is to give by itself. */
  record Cloze(Place place, Passage passage) implements Item {
    @Override
    public List<Passage> passages() {
      return List.of(passage);
    }
  }

  /**
   * Several continuations, or several contexts of one continuation, of which one is right.
   *
   * @param lengths characters of each choice
   * @param gold the index of the right one
   */
  record Choice(Place place, List<Passage> passages, List<Integer> lengths, int gold) implements Item {
    /** Checks that there are choices, and one of them right. */
    public Choice {
      passages = List.copyOf(passages);
      lengths = List.copyOf(lengths);
      if (lengths.size() != passages.size() || gold < 0 || gold >= passages.size()) {
        throw new IllegalArgumentException(
            passages.size() + " choices, " + lengths.size() + " lengths, of which " + gold + " is right");
      }
    }
  }
}
