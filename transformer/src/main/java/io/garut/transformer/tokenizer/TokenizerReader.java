package io.garut.transformer.tokenizer;

import static io.garut.transformer.tokenizer.TokenizerException.quoted;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.garut.transformer.tokenizer.Definition.Merge;
import io.garut.transformer.tokenizer.bpe.Utf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a tokenizer.json. The vocabulary and the merges, nearly all of the file, are streamed; the rest is small and is
 * read as values by {@link TokenizerParts}.
 */
final class TokenizerReader {
  private static final long LARGEST_FILE = 1 << 28;

  // Field names are a vocabulary here: keeping 50,000 of them for reuse would only cost.
  private static final JsonFactory JSON = JsonFactory.builder()
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
      .build();

  private final String source;
  private final Map<String, JsonValue> parts = new HashMap<>();
  private final Map<String, JsonValue> modelParts = new HashMap<>();
  private Map<String, Integer> vocabulary;
  private List<Merge> merges;

  private TokenizerReader(String source) {
    this.source = source;
  }

  static ByteLevelBpe open(Path fileOrFolder) throws IOException {
    Path file = Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve("tokenizer.json") : fileOrFolder;
    if (!Files.isRegularFile(file)) {
      throw new TokenizerException(
          file.toString(), "", "there is no such file; a tokenizer is read from tokenizer.json");
    }
    long size = Files.size(file);
    if (size > LARGEST_FILE) {
      throw new TokenizerException(file.toString(), "",
          size + " bytes are too many for a tokenizer.json; at most " + LARGEST_FILE + " are read");
    }
    return new ByteLevelBpe(parse(Files.readAllBytes(file), file.toString()), file.toString());
  }

  /** Reads the UTF-8 text of a tokenizer.json. */
  static Definition parse(byte[] json, String source) throws TokenizerException {
    int invalid = Utf8.firstInvalid(json);
    if (invalid >= 0) {
      throw new TokenizerException(source, "byte " + invalid, "this is not UTF-8");
    }
    TokenizerReader reader = new TokenizerReader(source);
    try (JsonParser parser = JSON.createParser(json)) {
      reader.readFile(parser);
    } catch (TokenizerException e) {
      throw e;
    } catch (JsonProcessingException e) {
      String place = e.getLocation() == null
          ? ""
          : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
      // The parser's hint at where the value began names its own setting for not quoting the file.
      throw new TokenizerException(source, place, e.getOriginalMessage().split(" \\(start marker", 2)[0], e);
    } catch (IOException e) {
      throw new TokenizerException(source, "", e.getMessage(), e);
    }
    return reader.definition();
  }

  private void readFile(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw error("", "expected an object; this is no tokenizer.json");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (name.equals("model") && token == JsonToken.START_OBJECT) {
        if (vocabulary != null) {
          throw error("model", "the key is there twice");
        }
        readModel(parser);
      } else if (parts.put(name, JsonValue.read(parser, source, name)) != null) {
        throw error(name, "the key is there twice");
      }
    }
    if (parser.nextToken() != null) {
      throw error("", "something follows the end of the object");
    }
  }

  private void readModel(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (name.equals("vocab") && token == JsonToken.START_OBJECT && vocabulary == null) {
        readVocabulary(parser);
      } else if (name.equals("merges") && token == JsonToken.START_ARRAY && merges == null) {
        readMerges(parser);
      } else if (name.equals("vocab") || name.equals("merges")) {
        throw error("model." + name, "expected one " + (name.equals("vocab") ? "object" : "list"));
      } else if (modelParts.put(name, JsonValue.read(parser, source, "model." + name)) != null) {
        throw error("model." + name, "the key is there twice");
      }
    }
  }

  private void readVocabulary(JsonParser parser) throws IOException {
    vocabulary = new HashMap<>(1 << 16);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String token = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw error("model.vocab", "the id of " + quoted(token) + " is no whole number");
      }
      if (vocabulary.put(token, parser.getIntValue()) != null) {
        throw error("model.vocab", quoted(token) + " is there twice");
      }
    }
  }

  private void readMerges(JsonParser parser) throws IOException {
    merges = new ArrayList<>(1 << 16);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        String pair = parser.getText();
        int space = pair.indexOf(' ');
        if (pair.startsWith("#version")) {
          continue;
        }
        if (space < 0 || space != pair.lastIndexOf(' ')) {
          throw error(
              "model.merges[" + merges.size() + "]", "expected two tokens and one space, found " + quoted(pair));
        }
        merges.add(new Merge(pair.substring(0, space), pair.substring(space + 1)));
      } else {
        JsonValue pair = JsonValue.read(parser, source, "model.merges[" + merges.size() + "]");
        List<JsonValue> two = pair.list();
        if (two.size() != 2) {
          throw pair.error("expected two tokens, found " + two.size());
        }
        merges.add(new Merge(two.get(0).text(), two.get(1).text()));
      }
    }
  }

  private Definition definition() throws TokenizerException {
    if (parts.containsKey("version") && !"1.0".equals(parts.get("version").text())) {
      throw parts.get("version").error("expected 1.0");
    }
    if (modelParts.containsKey("type") && !"BPE".equals(modelParts.get("type").text())) {
      throw modelParts.get("type")
          .error(modelParts.get("type").quoted() + " is not read; only byte-level BPE is");
    }
    if (vocabulary == null || merges == null) {
      throw error("model", "no " + (vocabulary == null ? "vocab" : "merges") + "; a BPE model has both");
    }
    TokenizerParts rest = new TokenizerParts(source, parts, modelParts);
    rest.checkModel(vocabulary);
    rest.checkDecoder();
    return new Definition(
        vocabulary,
        merges,
        rest.unknown(),
        rest.ignoreMerges(),
        added(rest.addedTokens()),
        rest.normalization(),
        rest.preTokenizer(),
        rest.template());
  }

  /** Numbers the added tokens as Hugging Face's library does, which overlooks the ids that the file gives. */
  private SortedMap<Integer, AddedToken> added(List<TokenizerParts.Numbered> tokens) throws TokenizerException {
    SortedMap<Integer, AddedToken> added = new TreeMap<>();
    Map<String, Integer> ids = new HashMap<>();
    int next = vocabulary.size();
    for (TokenizerParts.Numbered numbered : tokens) {
      String content = numbered.token().content();
      Integer known = ids.containsKey(content) ? ids.get(content) : vocabulary.get(content);
      int id = known != null ? known : next++;
      if (numbered.id() != id) {
        throw numbered.place().error(quoted(content) + " says id " + numbered.id()
            + ", but added tokens take the vocabulary's id or the next free one, here " + id + "; correct the file");
      }
      ids.put(content, id);
      AddedToken before = added.put(id, numbered.token());
      if (before != null && !before.equals(numbered.token())) {
        throw numbered.place().error(quoted(content) + " is there twice, with different properties");
      }
    }
    return added;
  }

  private TokenizerException error(String place, String problem) {
    return new TokenizerException(source, place, problem);
  }
}
