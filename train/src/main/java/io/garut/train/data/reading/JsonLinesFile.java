package io.garut.train.data.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.garut.train.data.LocatedRecord;
import java.io.IOException;

/** JSON Lines: a record a line; lines of white space only are passed over. */
final class JsonLinesFile implements RecordFile {
  private final LineReader lines;
  private final JsonFactory json;

  JsonLinesFile(LineReader lines, int longest) {
    this.lines = lines;
    this.json = Json.factory(longest);
  }

  @Override
  public LocatedRecord next() throws IOException {
    String line = lines.next();
    while (line != null && line.isBlank()) {
      line = lines.next();
    }
    if (line == null) {
      return null;
    }
    try (JsonParser parser = json.createParser(line)) {
      JsonNode value = Json.next(parser);
      if (parser.nextToken() != null) {
        throw BadRecordException.record(lines.source(), "something follows the JSON object on its line");
      }
      return Fields.read(value, lines.source());
    } catch (JsonProcessingException e) {
      throw BadRecordException.record(lines.source(), Json.problem(e));
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
