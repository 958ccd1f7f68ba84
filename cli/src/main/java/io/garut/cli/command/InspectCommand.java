package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Json;
import io.garut.cli.terminal.Numbers;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.MetadataValue;
import io.garut.transformer.ConfigReader;
import io.garut.transformer.KvCache;
import io.garut.transformer.ModelFiles;
import io.garut.transformer.NeoXConfig;
import io.garut.transformer.Prompts;
import io.garut.transformer.RotaryConfig;
import io.garut.transformer.WeightNames;
import io.garut.transformer.tokenizer.AddedToken;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code garut inspect}. */
@Command(
    name = "inspect",
    header = "Shows what a model is made of, without loading it.",
    description = "",
    footer = {
      "",
      "Examples:",
      "  garut inspect --model pythia-160m",
      "  garut inspect --model pythia-160m-q8_0.gguf --tensors --metadata",
      "  garut inspect --model pythia-160m --json"
    })
public final class InspectCommand implements Callable<Integer> {
  private static final int LONGEST_VALUE = 100;

  private final Console console;

  @Mixin private ModelOption model;

  @Option(names = "--tensors", description = "List every tensor: name, type, shape, bytes.")
  private boolean tensors;

  @Option(names = "--metadata", description = "List what the weights' file says about itself.")
  private boolean metadata;

  @Option(names = "--json", description = "Print one JSON document, with all of this.")
  private boolean json;

  /** Prints to {@code console}. */
  public InspectCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (ModelFiles files = model.files()) {
      List<Entry> entries = entries(files.checkpoint());
      Vocabulary vocabulary = Vocabulary.of(files);
      if (json) {
        Json.print(console, json(files, entries, vocabulary));
      } else {
        print(files, entries, vocabulary);
      }
    }
    return ExitCode.OK.code();
  }

  /** The tokenizer, or what is wrong with it: the rest can be shown all the same. */
  private record Vocabulary(Optional<ByteLevelBpe> tokenizer, Optional<String> fault) {
    static Vocabulary of(ModelFiles files) {
      try {
        return new Vocabulary(files.tokenizer(), Optional.empty());
      } catch (IOException e) {
        return new Vocabulary(Optional.empty(), Optional.of(e.getMessage()));
      }
    }
  }

  private static List<Entry> entries(Checkpoint checkpoint) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String name : checkpoint.names()) {
      entries.add(checkpoint.entry(name));
    }
    return entries;
  }

  private static long bytes(List<Entry> entries) {
    return entries.stream().mapToLong(Entry::byteLength).sum();
  }

  /** Bytes of what the model computes with; old checkpoints hold masks and the like besides. */
  private static long weightBytes(ModelFiles files) throws IOException {
    long bytes = 0;
    for (Map.Entry<String, Shape> weight : WeightNames.of(files.config()).entrySet()) {
      bytes += files.weights().entry(weight.getKey(), weight.getValue()).byteLength();
    }
    return bytes;
  }

  private static long cacheBytes(NeoXConfig config, int tokens) {
    return KvCache.bytes(config.layers(), 1, config.heads(), tokens, config.headSize(), DType.F16);
  }

  private void print(ModelFiles files, List<Entry> entries, Vocabulary vocabulary) throws IOException {
    NeoXConfig config = files.config();
    console.print(
        model.name() + ": GPT-NeoX with " + Numbers.whole(config.parameters()) + " parameters, "
            + files.checkpoint().format().title() + ", " + Numbers.bytes(bytes(entries)) + "\n");
    row("weights", types(entries));
    row(
        "shape",
        Numbers.count(config.layers(), "layer") + " of " + Numbers.whole(config.hiddenSize()) + " features, "
            + Numbers.count(config.heads(), "head") + " of " + config.headSize() + ", feed-forward "
            + Numbers.whole(config.intermediateSize()) + " with " + ConfigReader.activationName(config.activation()));
    row(
        "blocks",
        (config.parallelResidual() ? "parallel" : "sequential") + " residual, attention "
            + (config.attentionBias() ? "with" : "without") + " bias, head "
            + (config.tiedEmbeddings() ? "tied to the embedding" : "of its own") + ", epsilon "
            + (float) config.layerNormEpsilon());
    row("context", Numbers.whole(config.contextLength()) + " tokens; " + rotary(config));
    row("vocabulary", Numbers.whole(config.vocabularySize()) + " rows; " + shown(vocabulary));
    row(
        "memory",
        Numbers.bytes(weightBytes(files)) + " of weights, " + Numbers.bytes(cacheBytes(config, 1))
            + " of F16 cache a token: " + Numbers.bytes(cacheBytes(config, config.contextLength()))
            + " for the whole context");
    if (tensors) {
      printTensors(entries);
    }
    if (metadata) {
      console.print("\n");
      files.checkpoint().metadata().values().forEach((key, value) -> row(key, shown(value)));
    }
  }

  private void row(String name, String value) {
    console.print("  " + name + " ".repeat(Math.max(1, 12 - name.length())) + value + "\n");
  }

  private static String types(List<Entry> entries) {
    Map<String, long[]> counts = new TreeMap<>();
    for (Entry entry : entries) {
      long[] count = counts.computeIfAbsent(entry.type(), type -> new long[2]);
      count[0]++;
      count[1] += entry.byteLength();
    }
    List<String> parts = new ArrayList<>();
    counts.forEach(
        (type, count) ->
            parts.add(Numbers.count(count[0], "tensor") + " " + type + " (" + Numbers.bytes(count[1]) + ")"));
    return String.join(", ", parts);
  }

  private static String rotary(NeoXConfig config) {
    String scaling =
        switch (config.rotary().scaling()) {
          case RotaryConfig.Unscaled _ -> "";
          case RotaryConfig.LinearScaling linear -> ", stretched " + linear.factor() + " times, linear";
          case RotaryConfig.DynamicScaling dynamic -> ", stretched " + dynamic.factor() + " times, dynamic";
        };
    return "rotary on " + config.rotatedElements() + " of " + config.headSize() + " elements, base "
        + Numbers.whole(Math.round(config.rotary().base())) + scaling;
  }

  private static String shown(Vocabulary vocabulary) {
    if (vocabulary.tokenizer.isEmpty()) {
      return vocabulary.fault.map(fault -> "unusable tokenizer: " + fault).orElse("no tokenizer");
    }
    ByteLevelBpe tokenizer = vocabulary.tokenizer.get();
    String dolly = Prompts.isDolly(tokenizer) ? ", among them Dolly's" : "";
    return "byte-level BPE of " + Numbers.whole(tokenizer.vocabularySize()) + " tokens, "
        + tokenizer.addedTokens().size() + " added" + dolly;
  }

  private void printTensors(List<Entry> entries) {
    int longest = entries.stream().mapToInt(entry -> entry.name().length()).max().orElse(0);
    console.print("\n");
    for (Entry entry : entries) {
      console.print(
          String.format(
              "  %-" + Math.max(1, longest) + "s  %-5s %-16s %s%n",
              entry.name(),
              entry.type(),
              entry.shape(),
              Numbers.bytes(entry.byteLength())));
    }
  }

  private static String shown(MetadataValue value) {
    String text =
        switch (value) {
          case MetadataValue.Text(String content) -> content.lines().findFirst().orElse("");
          case MetadataValue.Whole whole -> Long.toString(whole.value());
          case MetadataValue.Real real -> Double.toString(real.value());
          case MetadataValue.Flag flag -> Boolean.toString(flag.value());
          case MetadataValue.Array array ->
              Numbers.whole(array.values().size()) + " " + array.elementType() + "s: "
                  + String.join(", ", array.values().stream().limit(8).map(InspectCommand::shown).toList());
        };
    return text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "…" : text;
  }

  private static Object plain(MetadataValue value) {
    return switch (value) {
      case MetadataValue.Text(String content) -> content;
      case MetadataValue.Whole whole -> whole.value();
      case MetadataValue.Real real -> real.value();
      case MetadataValue.Flag flag -> flag.value();
      case MetadataValue.Array array -> array.values().stream().map(InspectCommand::plain).toList();
    };
  }

  private Map<String, Object> json(ModelFiles files, List<Entry> entries, Vocabulary vocabulary)
      throws IOException {
    NeoXConfig config = files.config();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model.path());
    all.put("format", files.checkpoint().format().title());
    all.put("parameters", config.parameters());
    all.put("config", json(config));
    all.put("tokenizer", vocabulary.tokenizer.map(InspectCommand::json).orElse(null));
    vocabulary.fault.ifPresent(fault -> all.put("tokenizer_fault", fault));
    Map<String, Object> memory = new LinkedHashMap<>();
    memory.put("weight_bytes", weightBytes(files));
    memory.put("cache_bytes_per_token", cacheBytes(config, 1));
    memory.put("cache_bytes", cacheBytes(config, config.contextLength()));
    all.put("memory", memory);
    List<Map<String, Object>> list = new ArrayList<>();
    for (Entry entry : entries) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", entry.name());
      one.put("type", entry.type());
      one.put("shape", Arrays.stream(entry.shape().toArray()).boxed().toList());
      one.put("bytes", entry.byteLength());
      one.put("file", entry.file());
      one.put("offset", entry.offset());
      list.add(one);
    }
    all.put("tensors", list);
    Map<String, Object> values = new LinkedHashMap<>();
    files.checkpoint().metadata().values().forEach((key, value) -> values.put(key, plain(value)));
    all.put("metadata", values);
    return all;
  }

  private static Map<String, Object> json(NeoXConfig config) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("vocabulary_size", config.vocabularySize());
    json.put("hidden_size", config.hiddenSize());
    json.put("layers", config.layers());
    json.put("heads", config.heads());
    json.put("intermediate_size", config.intermediateSize());
    json.put("activation", ConfigReader.activationName(config.activation()));
    json.put("context_length", config.contextLength());
    json.put("trained_context_length", config.maxPositions());
    json.put("rotary_fraction", config.rotary().fraction());
    json.put("rotary_base", config.rotary().base());
    json.put("layer_norm_epsilon", config.layerNormEpsilon());
    json.put("parallel_residual", config.parallelResidual());
    json.put("attention_bias", config.attentionBias());
    json.put("tied_embeddings", config.tiedEmbeddings());
    json.put("bos_token_id", config.bosTokenId());
    json.put("eos_token_id", config.eosTokenId());
    json.put("eos_token_ids", config.eosTokenIds());
    return json;
  }

  private static Map<String, Object> json(ByteLevelBpe tokenizer) {
    Map<String, Object> added = new LinkedHashMap<>();
    for (Map.Entry<Integer, AddedToken> entry : tokenizer.addedTokens().entrySet()) {
      added.put(entry.getValue().content(), entry.getKey());
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", "byte-level BPE");
    json.put("size", tokenizer.vocabularySize());
    json.put("added_tokens", added);
    json.put("dolly", Prompts.isDolly(tokenizer));
    return json;
  }
}
