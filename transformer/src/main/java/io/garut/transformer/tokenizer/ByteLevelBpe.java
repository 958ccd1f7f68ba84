package io.garut.transformer.tokenizer;

import io.garut.transformer.tokenizer.bpe.ByteAlphabet;
import io.garut.transformer.tokenizer.bpe.MergeTable;
import io.garut.transformer.tokenizer.bpe.PreTokenizer;
import io.garut.transformer.tokenizer.bpe.Utf8;
import io.garut.transformer.tokenizer.bpe.WordCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Byte-level byte pair encoding, the tokenizer of GPT-2, GPT-NeoX, Pythia and Dolly, with the results of Hugging Face's
 * {@code tokenizers} 0.23.
 *
 * <p>Text is cut at the added tokens that are looked for as written; the pieces are normalised, cut at the other added
 * tokens, split into words, and each word's bytes are merged pair by pair. Tokenizers that work otherwise (Unigram,
 * WordPiece, byte fallback, dropout) are refused when they are read.
 */
public final class ByteLevelBpe implements Tokenizer {
  /** A larger id is taken for damage: the arrays below are as long as the largest id. */
  static final int LARGEST_ID = (1 << 22) - 1;

  /** Longer added tokens would let a small file make every search slow. */
  static final int LONGEST_ADDED_TOKEN = 1024;

  private static final byte[] NOTHING = {};
  private static final int LEFT_OUT = -1;

  private final Definition definition;
  private final String[] tokens;
  private final byte[][] bytes;
  private final boolean[] special;
  private final MergeTable merges;
  private final int[] byteIds = new int[256];
  private final int unknownId;
  private final int longestToken;
  private final AddedTokens verbatim;
  private final AddedTokens normalized;
  private final Map<String, Integer> addedIds = new HashMap<>();
  private final int[] before;
  private final int[] after;
  private final WordCache cache = new WordCache();

  /**
   * The tokenizer that a definition describes.
   *
   * @param source what to call it in errors, usually a file
   */
  ByteLevelBpe(Definition definition, String source) throws TokenizerException {
    this.definition = definition;
    DefinitionCheck check = new DefinitionCheck(definition, source);
    tokens = check.tokens();
    merges = check.merges();
    unknownId = definition.unknown().token() == null
        ? LEFT_OUT
        : definition.vocabulary().get(definition.unknown().token());
    longestToken = definition.vocabulary().keySet().stream().mapToInt(String::length).max().orElse(0);
    for (int b = 0; b < 256; b++) {
      byteIds[b] = definition.vocabulary().getOrDefault(String.valueOf(ByteAlphabet.character(b)), LEFT_OUT);
    }
    List<AddedTokens.Entry> entries = check.addedTokens();
    verbatim = new AddedTokens(entries.stream().filter(e -> !e.token().normalized()).toList());
    normalized = new AddedTokens(entries.stream().filter(e -> e.token().normalized()).toList());
    before = ids(definition.template().before());
    after = ids(definition.template().after());

    bytes = new byte[tokens.length][];
    special = new boolean[tokens.length];
    Set<String> specials = new HashSet<>();
    definition.added().forEach((id, token) -> {
      addedIds.put(token.content(), id);
      if (token.special()) {
        specials.add(token.content());
      }
    });
    for (int id = 0; id < tokens.length; id++) {
      bytes[id] = tokens[id] == null ? NOTHING : ByteAlphabet.toBytes(tokens[id]);
    }
    // A normalised added token is decoded as it is found, and is special only if that form is a special token's.
    for (AddedTokens.Entry entry : entries) {
      tokens[entry.id()] = new String(entry.literal(), StandardCharsets.UTF_8);
      bytes[entry.id()] = ByteAlphabet.toBytes(tokens[entry.id()]);
    }
    for (int id = 0; id < tokens.length; id++) {
      special[id] = tokens[id] != null && specials.contains(tokens[id]);
    }
  }

  private static int[] ids(List<Definition.Special> specials) {
    return specials.stream().flatMap(s -> s.ids().stream()).mapToInt(Integer::intValue).toArray();
  }

  /**
   * Reads a tokenizer.json, or the one in a folder.
   *
   * @throws TokenizerException if it is damaged or no byte-level BPE tokenizer
   * @throws IOException if it cannot be read
   */
  public static ByteLevelBpe open(Path fileOrFolder) throws IOException {
    return TokenizerReader.open(fileOrFolder);
  }

  /**
   * Reads the text of a tokenizer.json.
   *
   * @param source what to call it in errors
   * @throws TokenizerException if it is damaged or no byte-level BPE tokenizer
   */
  public static ByteLevelBpe parse(String json, String source) throws TokenizerException {
    int half = Utf8.loneSurrogate(json);
    if (half >= 0) {
      throw new TokenizerException(source, "character " + half, "half a surrogate pair is no text");
    }
    return new ByteLevelBpe(TokenizerReader.parse(Utf8.encode(json), source), source);
  }

  /**
   * The tokenizer that a GGUF file carries.
   *
   * @param source what to call it in errors, usually the file
   * @throws TokenizerException if the vocabulary is damaged or not that of a byte-level BPE tokenizer
   */
  public static ByteLevelBpe of(GgufVocabulary vocabulary, String source) throws TokenizerException {
    return vocabulary.huggingFaceJson().isPresent()
        ? parse(vocabulary.huggingFaceJson().get(), source + ": " + GgufVocabulary.HUGGING_FACE_KEY)
        : new ByteLevelBpe(GgufDefinition.of(vocabulary, source), source);
  }

  /**
   * What a GGUF file must carry for this tokenizer.
   *
   * @param modelVocabularySize the rows of the model's embedding; ids beyond the tokenizer's become unused tokens
   * @throws IllegalArgumentException if the model has fewer rows than the tokenizer has ids
   */
  public GgufVocabulary toGguf(int modelVocabularySize) {
    return GgufDefinition.toGguf(this, definition, modelVocabularySize);
  }

  /** The tokenizer.json of this tokenizer, which Hugging Face's library reads to the same ids. */
  public String toJson() {
    return TokenizerWriter.toJson(definition, tokens);
  }

  /** Writes {@link #toJson} to a file, by way of a file beside it, so that there is never half a one. */
  public void save(Path file) throws IOException {
    TokenizerWriter.save(toJson(), file);
  }

  /**
   * The same tokenizer with further added tokens. Each takes the id of the vocabulary's token that is written the same,
   * or the next free one; a token that was added before changes its properties.
   */
  public ByteLevelBpe withAddedTokens(List<AddedToken> further) {
    SortedMap<Integer, AddedToken> added = new TreeMap<>(definition.added());
    int next = definition.largestId() + 1;
    for (AddedToken token : further) {
      OptionalInt known = id(token.content());
      int id = known.isPresent() ? known.getAsInt() : next++;
      added.put(id, token);
    }
    try {
      return new ByteLevelBpe(definition.withAdded(added), "added tokens");
    } catch (TokenizerException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The added tokens by id. */
  public SortedMap<Integer, AddedToken> addedTokens() {
    return definition.added();
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    byte[] utf8 = Utf8.encode(text);
    Encoder encoder = new Encoder(utf8.length / 4 + 16);
    if (addSpecialTokens) {
      encoder.ids.addAll(before);
    }
    verbatim.cut(utf8, 0, utf8.length, encoder);
    if (addSpecialTokens) {
      encoder.ids.addAll(after);
    }
    return encoder.ids.toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    int length = Arrays.stream(ids).map(id -> bytesOf(id, skipSpecialTokens).length).sum();
    byte[] utf8 = new byte[length];
    int at = 0;
    for (int id : ids) {
      byte[] part = bytesOf(id, skipSpecialTokens);
      System.arraycopy(part, 0, utf8, at, part.length);
      at += part.length;
    }
    return Utf8.decode(utf8, 0, utf8.length);
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecialTokens) {
    return new Utf8TokenDecoder(id -> bytesOf(id, skipSpecialTokens));
  }

  private byte[] bytesOf(int id, boolean skipSpecialTokens) {
    return id < 0 || id >= bytes.length || skipSpecialTokens && special[id] ? NOTHING : bytes[id];
  }

  @Override
  public int vocabularySize() {
    return tokens.length;
  }

  @Override
  public OptionalInt id(String token) {
    Integer id = addedIds.containsKey(token) ? addedIds.get(token) : definition.vocabulary().get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public String token(int id) {
    if (id < 0 || id >= tokens.length || tokens[id] == null) {
      throw new IllegalArgumentException("no token has id " + id + "; ids go from 0 to " + (tokens.length - 1));
    }
    return tokens[id];
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= 0 && id < special.length && special[id];
  }

  /** One text on its way through: pieces come in, ids gather. */
  private final class Encoder implements AddedTokens.Pieces {
    private final IntList ids;
    private final WordMerger merger = new WordMerger();
    private final AddedTokens.Pieces words = new AddedTokens.Pieces() {
      @Override
      public void text(byte[] text, int from, int to) {
        definition.preTokenizer().split(text, from, to, merger);
      }

      @Override
      public void token(int id) {
        ids.add(id);
      }
    };

    Encoder(int expected) {
      ids = new IntList(expected);
    }

    @Override
    public void text(byte[] text, int from, int to) {
      if (definition.normalization().leaves(text, from, to)) {
        normalized.cut(text, from, to, words);
      } else {
        byte[] changed = Utf8.encode(definition.normalization().apply(Utf8.decode(text, from, to)));
        normalized.cut(changed, 0, changed.length, words);
      }
    }

    @Override
    public void token(int id) {
      ids.add(id);
    }

    /** Turns words into ids, by the cache if it can. */
    private final class WordMerger implements PreTokenizer.Words {
      private int[] symbols = new int[WordCache.LONGEST_WORD];

      @Override
      public void word(byte[] text, int from, int to) {
        boolean cacheable = to - from <= WordCache.LONGEST_WORD;
        if (cacheable) {
          int[] known = cache.get(text, from, to);
          if (known != null) {
            ids.addAll(known);
            return;
          }
        }
        if (symbols.length < to - from) {
          symbols = new int[to - from];
        }
        int count = merge(text, from, to);
        ids.addAll(symbols, count);
        if (cacheable) {
          cache.put(text, from, to, Arrays.copyOf(symbols, count));
        }
      }

      private int merge(byte[] text, int from, int to) {
        if (definition.ignoreMerges() && to - from <= longestToken) {
          Integer whole = definition.vocabulary().get(ByteAlphabet.toText(text, from, to));
          if (whole != null) {
            symbols[0] = whole;
            return 1;
          }
        }
        int count = 0;
        boolean unknownBefore = false;
        for (int i = from; i < to; i++) {
          int id = byteIds[text[i] & 0xFF];
          boolean unknown = id == LEFT_OUT;
          if (!unknown) {
            symbols[count++] = id;
          } else if (unknownId != LEFT_OUT && !(unknownBefore && definition.unknown().fuse())) {
            symbols[count++] = unknownId;
          }
          unknownBefore = unknown;
        }
        return merges.merge(symbols, count);
      }
    }
  }
}
