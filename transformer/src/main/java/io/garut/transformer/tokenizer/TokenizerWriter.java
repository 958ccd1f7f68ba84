package io.garut.transformer.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.garut.transformer.tokenizer.Definition.Special;
import io.garut.transformer.tokenizer.bpe.Normalization;
import io.garut.transformer.tokenizer.bpe.PreTokenizer;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a definition as the tokenizer.json that Hugging Face's library reads. */
final class TokenizerWriter {
  private final Definition definition;
  private final String[] tokens;
  private final JsonGenerator json;

  private TokenizerWriter(Definition definition, String[] tokens, JsonGenerator json) {
    this.definition = definition;
    this.tokens = tokens;
    this.json = json;
  }

  static String toJson(Definition definition, String[] tokens) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      new TokenizerWriter(definition, tokens, json).write();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter never throws
    }
    return text.append('\n').toString();
  }

  static void save(String json, Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Path partial = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".partial");
    try {
      Files.writeString(partial, json);
      Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private void write() throws IOException {
    json.writeStartObject();
    json.writeStringField("version", "1.0");
    json.writeNullField("truncation");
    json.writeNullField("padding");
    json.writeArrayFieldStart("added_tokens");
    for (Map.Entry<Integer, AddedToken> entry : definition.added().entrySet()) {
      AddedToken token = entry.getValue();
      json.writeStartObject();
      json.writeNumberField("id", entry.getKey());
      json.writeStringField("content", token.content());
      json.writeBooleanField("single_word", token.singleWord());
      json.writeBooleanField("lstrip", token.leftStrip());
      json.writeBooleanField("rstrip", token.rightStrip());
      json.writeBooleanField("normalized", token.normalized());
      json.writeBooleanField("special", token.special());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeFieldName("normalizer");
    writeNormalization(definition.normalization());
    json.writeFieldName("pre_tokenizer");
    writePreTokenizer(definition.preTokenizer());
    json.writeFieldName("post_processor");
    writeTemplate();
    json.writeFieldName("decoder");
    writeByteLevel(true, true);
    json.writeFieldName("model");
    writeModel();
    json.writeEndObject();
  }

  private void writeNormalization(Normalization normalization) throws IOException {
    if (normalization.equals(new Normalization.Sequence(List.of()))) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    switch (normalization) {
      case Normalization.Unicode(var form) -> json.writeStringField("type", form.name());
      case Normalization.Lowercase() -> json.writeStringField("type", "Lowercase");
      case Normalization.Prepend(String prefix) -> {
        json.writeStringField("type", "Prepend");
        json.writeStringField("prepend", prefix);
      }
      case Normalization.Replace(String literal, String replacement) -> {
        json.writeStringField("type", "Replace");
        json.writeObjectFieldStart("pattern");
        json.writeStringField("String", literal);
        json.writeEndObject();
        json.writeStringField("content", replacement);
      }
      case Normalization.Sequence(List<Normalization> steps) -> {
        json.writeStringField("type", "Sequence");
        json.writeArrayFieldStart("normalizers");
        for (Normalization step : steps) {
          writeNormalization(step);
        }
        json.writeEndArray();
      }
    }
    json.writeEndObject();
  }

  private void writePreTokenizer(PreTokenizer preTokenizer) throws IOException {
    switch (preTokenizer) {
      case PreTokenizer.ByteLevel(boolean addPrefixSpace, boolean useRegex) -> writeByteLevel(addPrefixSpace, useRegex);
      case PreTokenizer.Digits(boolean individual) -> {
        json.writeStartObject();
        json.writeStringField("type", "Digits");
        json.writeBooleanField("individual_digits", individual);
        json.writeEndObject();
      }
      case PreTokenizer.Sequence(List<PreTokenizer> steps) -> {
        json.writeStartObject();
        json.writeStringField("type", "Sequence");
        json.writeArrayFieldStart("pretokenizers");
        for (PreTokenizer step : steps) {
          writePreTokenizer(step);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
    }
  }

  private void writeByteLevel(boolean addPrefixSpace, boolean useRegex) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", addPrefixSpace);
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", useRegex);
    json.writeEndObject();
  }

  private void writeTemplate() throws IOException {
    Definition.Template template = definition.template();
    if (template.equals(Definition.Template.NONE)) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringField("type", "TemplateProcessing");
    json.writeArrayFieldStart("single");
    writeSpecials(template.before());
    writeSequence("A");
    writeSpecials(template.after());
    json.writeEndArray();
    // Pairs of texts are nothing that a language model meets, but the format asks for them.
    json.writeArrayFieldStart("pair");
    writeSpecials(template.before());
    writeSequence("A");
    writeSequence("B");
    writeSpecials(template.after());
    json.writeEndArray();
    json.writeObjectFieldStart("special_tokens");
    List<Special> specials = new ArrayList<>(template.before());
    specials.addAll(template.after());
    for (Special special : specials.stream().distinct().toList()) {
      json.writeObjectFieldStart(special.name());
      json.writeStringField("id", special.name());
      json.writeArrayFieldStart("ids");
      for (int id : special.ids()) {
        json.writeNumber(id);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("tokens");
      for (int id : special.ids()) {
        json.writeString(tokens[id]);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private void writeSpecials(List<Special> specials) throws IOException {
    for (Special special : specials) {
      writePiece("SpecialToken", special.name());
    }
  }

  private void writeSequence(String id) throws IOException {
    writePiece("Sequence", id);
  }

  private void writePiece(String kind, String id) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart(kind);
    json.writeStringField("id", id);
    json.writeNumberField("type_id", 0);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void writeModel() throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "BPE");
    json.writeNullField("dropout");
    if (definition.unknown().token() == null) {
      json.writeNullField("unk_token");
    } else {
      json.writeStringField("unk_token", definition.unknown().token());
    }
    json.writeNullField("continuing_subword_prefix");
    json.writeNullField("end_of_word_suffix");
    json.writeBooleanField("fuse_unk", definition.unknown().fuse());
    json.writeBooleanField("byte_fallback", false);
    json.writeBooleanField("ignore_merges", definition.ignoreMerges());
    json.writeObjectFieldStart("vocab");
    List<Map.Entry<String, Integer>> vocabulary = new ArrayList<>(definition.vocabulary().entrySet());
    vocabulary.sort(Map.Entry.comparingByValue());
    for (Map.Entry<String, Integer> entry : vocabulary) {
      json.writeNumberField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("merges");
    for (Definition.Merge merge : definition.merges()) {
      json.writeStartArray();
      json.writeString(merge.left());
      json.writeString(merge.right());
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
