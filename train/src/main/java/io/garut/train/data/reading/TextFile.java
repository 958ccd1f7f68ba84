package io.garut.train.data.reading;

import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Source;
import io.garut.train.data.TrainingRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Plain text: documents, separated by {@value #SEPARATOR}. Blank ones are passed over. A document of more characters
 * than a record may have comes in pieces, cut where a byte-level BPE tokenizer cuts too: before a space between two
 * letters or digits, so that the pieces have the tokens of the whole.
 */
final class TextFile implements RecordFile {
  /** What stands between two documents: the name of GPT-NeoX's end-of-text token. */
  static final String SEPARATOR = "<|endoftext|>";

  private static final int BUFFER = 1 << 16;

  /** Stands for bytes that are not UTF-8: half a surrogate pair comes of no text. */
  private static final char DAMAGE = '\udfff';

  private final Path file;
  private final int longest;
  private final InputStream in;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).flip();
  private final CharBuffer chars = CharBuffer.allocate(BUFFER);
  private final StringBuilder text = new StringBuilder();
  private int at;
  private int searched;
  private boolean begun;
  private boolean exhausted;
  private long line = 1;
  private boolean continues;
  private boolean passOver;

  TextFile(Path file, int longest) throws IOException {
    this.file = file;
    this.longest = longest;
    this.in = Files.newInputStream(file);
  }

  @Override
  public LocatedRecord next() throws IOException {
    while (true) {
      int separator = text.indexOf(SEPARATOR, searched);
      int length = (separator < 0 ? text.length() : separator) - at;
      if (separator < 0 && !exhausted && length <= longest + SEPARATOR.length()) {
        searched = Math.max(at, text.length() - SEPARATOR.length());
        read();
      } else if (exhausted && at == text.length()) {
        return null;
      } else {
        LocatedRecord record = length > longest
            ? take(at + cut(), false, 0)
            : take(at + length, true, separator < 0 ? 0 : SEPARATOR.length());
        if (record != null) {
          return record;
        }
      }
    }
  }

  /** Takes what stands before {@code end} and passes over {@code separator} more; null if there is no record in it. */
  private LocatedRecord take(int end, boolean last, int separator) throws BadRecordException {
    String piece = text.substring(at, end);
    at = end + separator;
    searched = at;
    boolean continued = continues;
    boolean passed = passOver;
    continues = !last;
    passOver = passed && !last;
    long first = line + (piece.isBlank() ? 0 : lines(piece.substring(0, piece.length() - piece.stripLeading().length())));
    long begins = line;
    line += lines(piece);
    int bad = damage(piece);
    if (bad >= 0 && !passed) {
      passOver = !last; // a document is left out whole, as far as it has not been given out
      String what = piece.charAt(bad) == DAMAGE ? "this is not UTF-8" : "a NUL character: this is no text";
      throw BadRecordException.record(new Source(file, begins + lines(piece.substring(0, bad))), what);
    }
    boolean empty = continued ? piece.isEmpty() : last && piece.isBlank();
    return passed || empty
        ? null
        : new LocatedRecord(new TrainingRecord.Document(piece, continued), new Source(file, first));
  }

  private static long lines(String piece) {
    return piece.chars().filter(c -> c == '\n').count();
  }

  /** Where the first character is that is none; −1 if all are. */
  private static int damage(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      if (c == '\0' || c == DAMAGE && (i == 0 || !Character.isHighSurrogate(piece.charAt(i - 1)))) {
        return i;
      }
    }
    return -1;
  }

  /** How many characters of a longer document are its next piece. */
  private int cut() {
    for (int i = Math.min(longest, text.length() - at - 2); i > longest / 2; i--) {
      if (text.charAt(at + i) == ' '
          && Character.isLetterOrDigit(text.charAt(at + i - 1))
          && Character.isLetterOrDigit(text.charAt(at + i + 1))) {
        return i;
      }
    }
    return Character.isLowSurrogate(text.charAt(at + longest)) ? longest - 1 : longest;
  }

  private void read() throws IOException {
    text.delete(0, at);
    searched -= at;
    at = 0;
    bytes.compact();
    int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
    bytes.position(bytes.position() + Math.max(0, count)).flip();
    CoderResult result = decoder.decode(bytes, chars.clear(), count < 0);
    text.append(chars.flip());
    if (!begun && !text.isEmpty()) {
      begun = true;
      if (text.charAt(0) == '\ufeff') {
        text.deleteCharAt(0);
      }
    }
    if (result.isError()) {
      bytes.position(bytes.position() + result.length());
      text.append(DAMAGE);
    } else {
      exhausted = count < 0 && result.isUnderflow();
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
