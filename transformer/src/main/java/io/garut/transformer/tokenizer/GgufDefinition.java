package io.garut.transformer.tokenizer;

import static io.garut.transformer.tokenizer.TokenizerException.quoted;

import io.garut.transformer.tokenizer.Definition.Merge;
import io.garut.transformer.tokenizer.Definition.Template;
import io.garut.transformer.tokenizer.Definition.Unknown;
import io.garut.transformer.tokenizer.bpe.Normalization;
import io.garut.transformer.tokenizer.bpe.PreTokenizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** A definition from, and for, the vocabulary of a GGUF file. */
final class GgufDefinition {
  /** What llama.cpp calls the pre-tokenizers that split as GPT-2's does, among them GPT-NeoX's. */
  private static final List<String> LIKE_GPT2 = List.of(
      "", "default", "gpt-2", "gpt2", "gptneox", "gpt-neox", "gpt_neox", "olmo", "dolly", "pythia", "mpt", "jais",
      "trillion");

  /** GPT-2's own vocabulary knows no normalizer; GPT-NeoX's has NFC. */
  private static final List<String> WITHOUT_NORMALIZER = List.of("gpt-2", "gpt2");

  private GgufDefinition() {}

  static Definition of(GgufVocabulary gguf, String source) throws TokenizerException {
    if (!gguf.model().equals("gpt2")) {
      throw new TokenizerException(
          source, "tokenizer.ggml.model", quoted(gguf.model()) + " is not read; only gpt2, byte-level BPE, is");
    }
    if (!LIKE_GPT2.contains(gguf.pre())) {
      throw new TokenizerException(source, "tokenizer.ggml.pre",
          quoted(gguf.pre()) + " splits text in a way that is not known here; known are " + LIKE_GPT2);
    }
    int count = gguf.tokens().size();
    if (!gguf.tokenTypes().isEmpty() && gguf.tokenTypes().size() != count) {
      throw new TokenizerException(source, "tokenizer.ggml.token_type",
          gguf.tokenTypes().size() + " types for " + count + " tokens");
    }
    SortedMap<Integer, AddedToken> added = new TreeMap<>();
    int lastNormal = -1;
    for (int id = 0; id < count; id++) {
      String token = gguf.tokens().get(id);
      switch (type(gguf, id)) {
        case GgufVocabulary.CONTROL -> added.put(id, AddedToken.special(notEmpty(token, id, source)));
        case GgufVocabulary.USER_DEFINED -> added.put(id, AddedToken.word(notEmpty(token, id, source)));
        case GgufVocabulary.UNUSED -> { }
        default -> lastNormal = id;
      }
    }
    // An added token below the last normal one must be in the vocabulary, as it is in a tokenizer.json.
    Map<String, Integer> vocabulary = new HashMap<>();
    for (int id = 0; id <= lastNormal; id++) {
      String token = gguf.tokens().get(id);
      if (type(gguf, id) != GgufVocabulary.UNUSED && vocabulary.put(token, id) != null) {
        throw new TokenizerException(source, "tokenizer.ggml.tokens[" + id + "]", quoted(token) + " is there twice");
      }
    }
    Normalization normalization = WITHOUT_NORMALIZER.contains(gguf.pre())
        ? new Normalization.Sequence(List.of())
        : new Normalization.Unicode(Form.NFC);
    return new Definition(
        vocabulary,
        merges(gguf, source),
        Unknown.LEFT_OUT,
        false,
        added,
        normalization,
        new PreTokenizer.ByteLevel(false, true),
        Template.NONE);
  }

  private static int type(GgufVocabulary gguf, int id) {
    return gguf.tokenTypes().isEmpty() ? GgufVocabulary.NORMAL : gguf.tokenTypes().get(id);
  }

  private static String notEmpty(String token, int id, String source) throws TokenizerException {
    if (token.isEmpty()) {
      throw new TokenizerException(source, "tokenizer.ggml.tokens[" + id + "]", "an added token is empty");
    }
    return token;
  }

  private static List<Merge> merges(GgufVocabulary gguf, String source) throws TokenizerException {
    List<Merge> merges = new ArrayList<>(gguf.merges().size());
    for (String pair : gguf.merges()) {
      int space = pair.indexOf(' ');
      if (space < 0 || space != pair.lastIndexOf(' ')) {
        throw new TokenizerException(source, "tokenizer.ggml.merges[" + merges.size() + "]",
            "expected two tokens and one space, found " + quoted(pair));
      }
      merges.add(new Merge(pair.substring(0, space), pair.substring(space + 1)));
    }
    return merges;
  }

  static GgufVocabulary toGguf(ByteLevelBpe tokenizer, Definition definition, int modelVocabularySize) {
    if (modelVocabularySize < tokenizer.vocabularySize()) {
      throw new IllegalArgumentException("the tokenizer has " + tokenizer.vocabularySize()
          + " ids, the model only " + modelVocabularySize + " rows for them; give the model its own tokenizer");
    }
    Map<Integer, String> plain = new HashMap<>();
    definition.vocabulary().forEach((token, id) -> plain.put(id, token));
    List<String> tokens = new ArrayList<>(modelVocabularySize);
    List<Integer> types = new ArrayList<>(modelVocabularySize);
    for (int id = 0; id < modelVocabularySize; id++) {
      AddedToken added = definition.added().get(id);
      if (added != null) {
        tokens.add(added.content());
        types.add(added.special() ? GgufVocabulary.CONTROL : GgufVocabulary.USER_DEFINED);
      } else if (plain.containsKey(id)) {
        tokens.add(plain.get(id));
        types.add(GgufVocabulary.NORMAL);
      } else {
        tokens.add("[PAD" + id + "]"); // as llama.cpp's converter names them
        types.add(GgufVocabulary.UNUSED);
      }
    }
    List<String> merges = definition.merges().stream().map(m -> m.left() + " " + m.right()).toList();
    return new GgufVocabulary("gpt2", "olmo", tokens, types, merges, OptionalInt.empty(), OptionalInt.empty(),
        Optional.of(tokenizer.toJson()));
  }
}
