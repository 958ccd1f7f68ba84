package io.garut.transformer.tokenizer;

import io.garut.transformer.tokenizer.bpe.LiteralMatcher;
import io.garut.transformer.tokenizer.bpe.Utf8;
import io.garut.transformer.tokenizer.bpe.WordScanner;
import java.util.List;

/** Cuts text at added tokens: at the leftmost, at the longest that starts there, then on behind it. */
final class AddedTokens {
  /** Takes the pieces in order. */
  interface Pieces {
    /** Text without an added token; the range is not empty. */
    void text(byte[] text, int from, int to);

    /** An added token. */
    void token(int id);
  }

  /** A token, its id and the UTF-8 text to look for. */
  record Entry(AddedToken token, int id, byte[] literal) {}

  private final List<Entry> entries;
  private final LiteralMatcher matcher;

  /** The matcher of these tokens, whose literals differ. */
  AddedTokens(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    matcher = new LiteralMatcher(entries.stream().map(Entry::literal).toList());
  }

  /** Hands the pieces of this range of valid UTF-8 to {@code pieces}. */
  void cut(byte[] text, int from, int to, Pieces pieces) {
    LiteralMatcher.Match match = new LiteralMatcher.Match();
    int done = from;
    int search = from;
    int spaces = from; // the end of the white space last swallowed: a run is walked through once
    while (matcher.find(text, search, to, match)) {
      int start = match.start();
      int end = match.end();
      search = end;
      Entry entry = entries.get(match.literal());
      if (entry.token.singleWord() && touchesWord(text, from, start, end, to)) {
        continue;
      }
      if (entry.token.leftStrip()) {
        start = Math.max(done, spacesBefore(text, done, start));
      }
      if (entry.token.rightStrip()) {
        spaces = end < spaces ? spaces : spacesAfter(text, end, to);
        end = spaces;
      }
      if (done < start) {
        pieces.text(text, done, start);
      }
      pieces.token(entry.id);
      // White space taken by the token before may have held this one: then its end counts, as it does in the original.
      done = end;
    }
    if (done < to) {
      pieces.text(text, done, to);
    }
  }

  private static boolean touchesWord(byte[] text, int from, int start, int end, int to) {
    return start > from && WordScanner.isWord(Utf8.codePointAt(text, Utf8.previous(text, start)))
        || end < to && WordScanner.isWord(Utf8.codePointAt(text, end));
  }

  private static int spacesBefore(byte[] text, int from, int start) {
    int at = start;
    while (at > from) {
      int previous = Utf8.previous(text, at);
      if (!WordScanner.isSpace(Utf8.codePointAt(text, previous))) {
        break;
      }
      at = previous;
    }
    return at;
  }

  private static int spacesAfter(byte[] text, int end, int to) {
    int at = end;
    while (at < to && WordScanner.isSpace(Utf8.codePointAt(text, at))) {
      at = Utf8.next(text, at);
    }
    return at;
  }
}
