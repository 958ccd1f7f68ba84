package io.garut.transformer.tokenizer;

import static io.garut.transformer.tokenizer.TokenizerException.quoted;

import io.garut.transformer.tokenizer.bpe.MergeTable;
import io.garut.transformer.tokenizer.bpe.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that a definition does not contradict itself and derives the tables that encoding needs. */
final class DefinitionCheck {
  private final Definition definition;
  private final String source;
  private final String[] tokens;
  private final MergeTable merges;
  private final List<AddedTokens.Entry> added;

  DefinitionCheck(Definition definition, String source) throws TokenizerException {
    this.definition = definition;
    this.source = source;
    tokens = checkVocabulary();
    merges = checkMerges();
    added = checkAdded();
    checkRest();
  }

  /** Tokens by id; null where no token has the id. */
  String[] tokens() {
    return tokens;
  }

  MergeTable merges() {
    return merges;
  }

  /** The added tokens with the text to look for. */
  List<AddedTokens.Entry> addedTokens() {
    return added;
  }

  private String[] checkVocabulary() throws TokenizerException {
    if (definition.vocabulary().isEmpty()) {
      throw error("model.vocab", "it is empty; a byte-level vocabulary holds 256 bytes at least");
    }
    for (Map.Entry<String, Integer> entry : definition.vocabulary().entrySet()) {
      checkToken(entry.getKey(), entry.getValue(), "model.vocab");
    }
    for (Map.Entry<Integer, AddedToken> entry : definition.added().entrySet()) {
      checkToken(entry.getValue().content(), entry.getKey(), "added_tokens");
    }
    String[] byId = new String[definition.largestId() + 1];
    for (Map.Entry<String, Integer> entry : definition.vocabulary().entrySet()) {
      int id = entry.getValue();
      if (byId[id] != null) {
        throw error("model.vocab", quoted(entry.getKey()) + " and " + quoted(byId[id]) + " both have id " + id);
      }
      byId[id] = entry.getKey();
    }
    return byId;
  }

  private void checkToken(String token, int id, String place) throws TokenizerException {
    if (id < 0 || id > ByteLevelBpe.LARGEST_ID) {
      throw error(place, quoted(token) + " has id " + id + "; ids go from 0 to " + ByteLevelBpe.LARGEST_ID);
    }
    if (Utf8.loneSurrogate(token) >= 0) {
      throw error(place, "the token with id " + id + " holds half a surrogate pair, which is no text");
    }
  }

  private MergeTable checkMerges() throws TokenizerException {
    MergeTable table = new MergeTable(definition.merges().size());
    Map<String, Integer> vocabulary = definition.vocabulary();
    int rank = 0;
    for (Definition.Merge merge : definition.merges()) {
      Integer left = vocabulary.get(merge.left());
      Integer right = vocabulary.get(merge.right());
      String merged = merge.left().concat(merge.right());
      Integer both = vocabulary.get(merged);
      if (left == null || right == null || both == null) {
        String missing = left == null ? merge.left() : right == null ? merge.right() : merged;
        throw error("model.merges[" + rank + "]", quoted(missing) + " is not in the vocabulary");
      }
      table.put(left, right, rank++, both);
    }
    return table;
  }

  private List<AddedTokens.Entry> checkAdded() throws TokenizerException {
    List<AddedTokens.Entry> entries = new ArrayList<>();
    Set<String> contents = new HashSet<>();
    Map<String, String> normalizedForms = new HashMap<>();
    for (Map.Entry<Integer, AddedToken> entry : definition.added().entrySet()) {
      int id = entry.getKey();
      AddedToken token = entry.getValue();
      String content = token.content();
      if (content.length() > ByteLevelBpe.LONGEST_ADDED_TOKEN) {
        throw error("added_tokens", "the token with id " + id + " has " + content.length()
            + " characters; the longest that is read has " + ByteLevelBpe.LONGEST_ADDED_TOKEN);
      }
      if (!contents.add(content)) {
        throw error("added_tokens", quoted(content) + " is there twice, with different ids");
      }
      Integer inVocabulary = definition.vocabulary().get(content);
      if (inVocabulary != null && inVocabulary != id || inVocabulary == null && tokens[id] != null) {
        throw error("added_tokens", quoted(content) + " has id " + id + ", in model.vocab "
            + (inVocabulary != null ? "its id is " + inVocabulary : "that id is " + quoted(tokens[id]) + "'s"));
      }
      String literal = token.normalized() ? normalized(content) : content;
      if (literal.isEmpty()) {
        throw error("added_tokens", "the normalizer leaves nothing of " + quoted(content));
      }
      String twin = token.normalized() ? normalizedForms.put(literal, content) : null;
      if (twin != null) {
        throw error("added_tokens", "the normalizer makes " + quoted(twin) + " and " + quoted(content) + " the same");
      }
      tokens[id] = content;
      entries.add(new AddedTokens.Entry(token, id, Utf8.encode(literal)));
    }
    return entries;
  }

  private String normalized(String content) throws TokenizerException {
    try {
      return definition.normalization().apply(content);
    } catch (IllegalArgumentException e) {
      throw new TokenizerException(source, "normalizer", e.getMessage(), e);
    }
  }

  private void checkRest() throws TokenizerException {
    String unknown = definition.unknown().token();
    if (unknown != null && !definition.vocabulary().containsKey(unknown)) {
      throw error("model.unk_token", quoted(unknown) + " is not in the vocabulary");
    }
    List<Definition.Special> specials = new ArrayList<>(definition.template().before());
    specials.addAll(definition.template().after());
    for (Definition.Special special : specials) {
      for (int id : special.ids()) {
        if (id < 0 || id >= tokens.length || tokens[id] == null) {
          throw error("post_processor", quoted(special.name()) + " has id " + id + ", which no token has");
        }
      }
    }
  }

  private TokenizerException error(String place, String problem) {
    return new TokenizerException(source, place, problem);
  }
}
