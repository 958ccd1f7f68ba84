package io.garut.transformer.tokenizer;

/**
 * Decodes one stream of ids as they come. A character whose bytes lie in several tokens is held back until it is whole,
 * so that what is returned never ends inside a code point. For one thread.
 */
public interface TokenDecoder {
  /** Takes the next id and returns the text that is now certain, which may be empty. */
  String push(int id);

  /** Ends the stream: an unfinished character comes out as U+FFFD. The decoder may then take another stream. */
  String flush();
}
