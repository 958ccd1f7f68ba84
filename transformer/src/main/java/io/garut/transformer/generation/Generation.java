package io.garut.transformer.generation;

import java.util.List;

/**
 * A finished text.
 *
 * @param text what was generated, without prompt, special tokens and stop string
 * @param tokens every token that was generated, those that end the text included
 * @param promptTokens length of the prompt
 * @param reason why it ended
 */
public record Generation(String text, List<Token> tokens, int promptTokens, StopReason reason) {
  /** Copies the list. */
  public Generation {
    tokens = List.copyOf(tokens);
  }

  /**
   * A generated token.
   *
   * @param id in the vocabulary
   * @param logProbability natural, under the model's own distribution, before sampling parameters change it
   */
  public record Token(int id, double logProbability) {}

  /** The ids of {@link #tokens}. */
  public int[] ids() {
    return tokens.stream().mapToInt(Token::id).toArray();
  }
}
