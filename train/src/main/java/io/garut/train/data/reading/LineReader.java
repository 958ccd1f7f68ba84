package io.garut.train.data.reading;

import io.garut.train.data.Source;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lines of a UTF-8 file of any size, ended by LF or CRLF; a byte order mark at its beginning is passed over. */
final class LineReader implements Closeable {
  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final int longest;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int at;
  private int end;
  private long number;
  private boolean carriageReturn;
  private boolean lineFeed;

  /** Lines of more than {@code longest} bytes are bad. */
  LineReader(Path file, int longest) throws IOException {
    this.file = file;
    this.longest = longest;
    this.in = Files.newInputStream(file);
    try {
      fill();
      refuseUtf16();
    } catch (IOException e) {
      in.close();
      throw e;
    }
    if (end >= 3 && (buffer[0] & 0xFF) == 0xEF && (buffer[1] & 0xFF) == 0xBB && (buffer[2] & 0xFF) == 0xBF) {
      at = 3;
    }
  }

  private void refuseUtf16() throws BadRecordException {
    int first = end >= 2 ? (buffer[0] & 0xFF) << 8 | buffer[1] & 0xFF : 0;
    if (first == 0xFEFF || first == 0xFFFE) {
      throw BadRecordException.file(new Source(file, 1), "this is UTF-16", "convert the file to UTF-8");
    }
  }

  /**
   * The next line without its end, or null after the last.
   *
   * @throws BadRecordException if it is too long or not UTF-8; the next call goes on after it
   */
  String next() throws IOException {
    line.reset();
    number++;
    lineFeed = false;
    carriageReturn = false;
    long length = 0;
    while (!lineFeed && (at < end || fill())) {
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      length += at - from;
      if (length <= longest) {
        line.write(buffer, from, at - from);
      }
      if (at < end) {
        at++;
        lineFeed = true;
      }
    }
    if (length > longest) {
      throw BadRecordException.record(
          source(), "the line has " + length + " bytes; a record may have up to " + longest);
    }
    return length == 0 && !lineFeed ? null : text();
  }

  private String text() throws BadRecordException {
    byte[] bytes = line.toByteArray();
    int length = bytes.length;
    if (lineFeed && length > 0 && bytes[length - 1] == '\r') {
      carriageReturn = true;
      length--;
    }
    ByteBuffer utf8 = ByteBuffer.wrap(bytes, 0, length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException _) { // says less than the place does
      throw BadRecordException.record(source(), "byte " + (utf8.position() + 1) + " of the line is not UTF-8");
    }
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.readNBytes(buffer, 0, buffer.length));
    return end > 0;
  }

  /** Where the line of the last {@link #next} stands. */
  Source source() {
    return new Source(file, number);
  }

  /** How that line ended: LF, CRLF, or with the file. */
  String ending() {
    return !lineFeed ? "" : carriageReturn ? "\r\n" : "\n";
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
