package io.garut.transformer.tokenizer;

import java.util.OptionalInt;

/** A tokenizer for tests whose tokens are characters: 0 ends a document, 1 ends a line, then printable ASCII; 97 in all. */
public final class LetterTokenizer implements Tokenizer {
  private static final String LETTERS = "\0\n" + letters();

  /** Needs nothing. */
  public LetterTokenizer() {}

  private static String letters() {
    StringBuilder letters = new StringBuilder();
    for (char letter = ' '; letter <= '~'; letter++) {
      letters.append(letter);
    }
    return letters.toString();
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return text.chars().map(LETTERS::indexOf).toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(skipSpecialTokens && id == 0 ? "" : token(id));
    }
    return text.toString();
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecialTokens) {
    return new TokenDecoder() {
      @Override
      public String push(int id) {
        return decode(new int[] {id}, skipSpecialTokens);
      }

      @Override
      public String flush() {
        return "";
      }
    };
  }

  @Override
  public int vocabularySize() {
    return LETTERS.length();
  }

  @Override
  public OptionalInt id(String token) {
    int id = token.length() == 1 ? LETTERS.indexOf(token) : -1;
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public String token(int id) {
    return LETTERS.substring(id, id + 1);
  }

  @Override
  public boolean isSpecial(int id) {
    return id == 0;
  }
}
