package io.garut.tensor.io;

import com.fasterxml.jackson.core.JsonToken;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the weights in a folder of Hugging Face's form, and reads the index of those that lie in shards. */
final class HubFolder {
  static final String INDEX_SUFFIX = ".index.json";

  /** In the order in which Transformers looks for them. */
  private static final List<String> CANDIDATES =
      List.of(
          "model.safetensors",
          "model.safetensors" + INDEX_SUFFIX,
          "pytorch_model.bin",
          "pytorch_model.bin" + INDEX_SUFFIX);

  /** The index of a model of a million tensors would be smaller. */
  private static final long MOST_INDEX_BYTES = 100_000_000;

  private HubFolder() {}

  /**
   * Opens the weights in {@code folder}.
   *
   * @throws CheckpointException if it holds none, or they are bad
   */
  static Checkpoint open(Path folder) throws CheckpointException {
    for (String candidate : CANDIDATES) {
      Path path = folder.resolve(candidate);
      if (Files.exists(path)) {
        return Checkpoint.open(path);
      }
    }
    throw new CheckpointException(
        folder, "opening", "holds none of " + String.join(", ", CANDIDATES), remedy(folder));
  }

  private static String remedy(Path folder) throws CheckpointException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".gguf") || name.endsWith(".safetensors") || name.endsWith(".bin"))
          .sorted()
          .findFirst()
          .map(name -> "name a file in it, such as " + CheckpointException.quote(name))
          .orElse("download the model's weights into it");
    } catch (IOException e) {
      throw new CheckpointException(folder, "opening", "cannot be listed", "make the folder readable", e);
    }
  }

  /**
   * Opens all shards that {@code index} names.
   *
   * @throws CheckpointException if the index is bad, a shard is missing, or lacks a tensor that the index promises
   */
  static Checkpoint openIndex(Path index) throws CheckpointException {
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, String> shardOf = read(index, metadata);
    Map<String, Checkpoint> shards = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, String> placed : shardOf.entrySet()) {
        String name = placed.getValue();
        Checkpoint shard = shards.get(name);
        if (shard == null) {
          shard = openShard(index, name);
          shards.put(name, shard);
        }
        if (!shard.names().contains(placed.getKey())) {
          throw new CheckpointException(
              index,
              "weight_map",
              "places tensor " + CheckpointException.quote(placed.getKey()) + " in " + name + ", which lacks it",
              "get index and shards again, from the same place");
        }
      }
      return new ShardedCheckpoint(index, shardOf, shards, Metadata.of(metadata));
    } catch (Throwable e) {
      shards.values().forEach(Checkpoint::close);
      throw e;
    }
  }

  private static Checkpoint openShard(Path index, String name) throws CheckpointException {
    boolean plain = !name.isEmpty() && !name.contains("/") && !name.contains("\\") && !name.contains(":");
    if (!plain || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0 || name.endsWith(INDEX_SUFFIX)) {
      throw new CheckpointException(
          index,
          "weight_map",
          "names the shard " + CheckpointException.quote(name) + ", which is not a plain file name",
          "do not use this index: a shard lies beside it");
    }
    Path path = index.resolveSibling(name);
    if (!Files.exists(path)) {
      throw new CheckpointException(
          index, "weight_map", "the shard " + CheckpointException.quote(name) + " is missing", "download it as well");
    }
    return Checkpoint.open(path);
  }

  private static Map<String, String> read(Path index, Map<String, String> metadata) throws CheckpointException {
    Map<String, String> shardOf = new LinkedHashMap<>();
    try (FileBytes file = FileBytes.open(index)) {
      if (file.size() > MOST_INDEX_BYTES) {
        throw file.damaged("index", "has " + file.size() + " bytes; at most " + MOST_INDEX_BYTES + " are allowed");
      }
      try (Json json = Json.of(index, "index", file.read("index", 0, (int) file.size()))) {
        json.object(
            "the index",
            key -> {
              switch (key) {
                case "weight_map" ->
                    json.object("weight_map", name -> shardOf.put(name, json.string("a value of weight_map")));
                case "metadata" -> json.object("metadata", name -> metadata(json, name, metadata));
                default -> json.skip();
              }
            });
        json.end();
      }
      if (shardOf.isEmpty()) {
        throw file.damaged("weight_map", "is missing or empty");
      }
    }
    return shardOf;
  }

  private static void metadata(Json json, String name, Map<String, String> metadata) throws CheckpointException {
    JsonToken token = json.next();
    if (token == JsonToken.VALUE_STRING || token != null && token.isNumeric()) {
      metadata.put(name, json.text());
    } else {
      json.skipRest();
    }
  }
}
