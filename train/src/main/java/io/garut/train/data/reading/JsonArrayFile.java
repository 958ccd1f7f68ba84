package io.garut.train.data.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One JSON list of records, as Alpaca came; read record by record. */
final class JsonArrayFile implements RecordFile {
  private static final String REMEDY = "mend the file; what follows in it cannot be found";

  private final Path file;
  private final BoundedReader reader;
  private final JsonParser parser;
  private boolean begun;
  private boolean ended;

  JsonArrayFile(Path file, int longest) throws IOException {
    this.file = file;
    this.reader = new BoundedReader(file, longest);
    this.parser = Json.factory(longest).createParser(reader);
  }

  /** Whether the first thing in a file is the beginning of a list. */
  static boolean isOne(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      for (byte b : in.readNBytes(4096)) {
        boolean passed = b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == (byte) 0xEF || b == (byte) 0xBB
            || b == (byte) 0xBF;
        if (!passed) {
          return b == '[';
        }
      }
      return false;
    }
  }

  @Override
  public LocatedRecord next() throws IOException {
    if (ended) {
      return null;
    }
    Source source = source();
    JsonNode element;
    try {
      if (!begun) {
        parser.nextToken();
        begun = true;
      }
      reader.record(source);
      JsonToken token = parser.nextToken();
      source = source();
      if (token == JsonToken.END_ARRAY) {
        ended = true;
        if (parser.nextToken() != null) {
          throw BadRecordException.file(source(), "something follows the list", "put all records into one list");
        }
        return null;
      }
      reader.record(source);
      element = Json.next(parser);
    } catch (JsonProcessingException e) {
      throw BadRecordException.file(source, Json.problem(e), REMEDY);
    } catch (CharacterCodingException _) { // says nothing of the place
      throw BadRecordException.file(source, "this record, or one soon after it, is not UTF-8", REMEDY);
    }
    return Fields.read(element, source);
  }

  private Source source() {
    return new Source(file, Math.max(1, parser.currentTokenLocation().getLineNr()));
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** Refuses to read on and on in one record. */
  private static final class BoundedReader extends Reader {
    private final Reader in;
    private final int longest;
    private Source source;
    private long read;
    private boolean begun;

    BoundedReader(Path file, int longest) throws IOException {
      this.in = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder());
      this.longest = longest;
      this.source = new Source(file, 1);
    }

    void record(Source newSource) {
      source = newSource;
      read = 0;
    }

    @Override
    public int read(char[] chars, int offset, int length) throws IOException {
      if (read > longest) {
        throw BadRecordException.file(source, "the record has more than " + longest + " characters", REMEDY);
      }
      int count = in.read(chars, offset, length);
      if (count > 0 && !begun && chars[offset] == '\ufeff') {
        chars[offset] = ' '; // a byte order mark
      }
      begun |= count > 0;
      read += Math.max(0, count);
      return count;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
