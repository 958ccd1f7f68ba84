package io.garut.transformer.lora;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Mapped;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.HostStorage;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.convert.StagedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * An adapter as PEFT keeps it: adapter_config.json, and its matrices in adapter_model.safetensors or .bin, under the names
 * of the projections with {@code base_model.model.} before and {@code .lora_A.weight} after them.
 *
 * @param config what it is like
 * @param pairs its matrices in F32, in the hub's order, by the projection's name
 */
record AdapterFiles(LoraConfig config, Map<String, LoraAdapter.Pair> pairs) {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";
  private static final String MEND = "it is not an adapter that Garut can use";
  private static final long LARGEST = 1 << 20; // bytes of a configuration; PEFT's are around one thousand
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Reads the adapter in {@code folder} for {@code model}, whose shapes it must have. */
  static AdapterFiles read(Path folder, GptNeoX model) throws IOException {
    LoraConfig config = config(folder.resolve(CONFIG));
    Path weights = folder.resolve(WEIGHTS);
    Path file = Files.exists(weights) ? weights : folder.resolve("adapter_model.bin");
    Map<String, LoraAdapter.Pair> pairs = new LinkedHashMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      Map<String, Shape> shapes = new LinkedHashMap<>();
      model.adapt(
          (name, projection) -> {
            shapes.put(name, projection.weights().getFirst().shape());
            return projection;
          });
      Set<String> rest = new TreeSet<>(checkpoint.names());
      for (Map.Entry<String, Shape> shape : shapes.entrySet()) {
        String a = PREFIX + shape.getKey() + ".lora_A.weight";
        String b = PREFIX + shape.getKey() + ".lora_B.weight";
        boolean either = rest.remove(a);
        either |= rest.remove(b);
        if (either) {
          Tensor first = matrix(checkpoint, a, Shape.of(config.rank(), shape.getValue().dim(1)));
          Tensor second = matrix(checkpoint, b, Shape.of(shape.getValue().dim(0), config.rank()));
          pairs.put(shape.getKey(), new LoraAdapter.Pair(first, second));
        }
      }
      if (!rest.isEmpty()) {
        String what = "belongs to no projection of the model";
        throw new CheckpointException(file, rest.iterator().next(), what, "take the model that it was trained on");
      }
    }
    return new AdapterFiles(config, pairs);
  }

  private static Tensor matrix(Checkpoint checkpoint, String name, Shape shape) throws CheckpointException {
    Entry entry = checkpoint.entry(name);
    if (!entry.shape().equals(shape) || entry.dtype().isEmpty() || !entry.dtype().get().isFloat()) {
      String what = "is " + entry.type() + entry.shape() + ", the model and the rank make it " + shape;
      throw new CheckpointException(entry.file(), name, what, "take the model that it was trained on");
    }
    Mapped mapped = checkpoint.map(name);
    try (Tensor tensor =
        Tensor.wrap(new Spec(entry.dtype().get(), shape, name), HostStorage.of(mapped.segment(), mapped::close), 0)) {
      tensor.requireFinite();
      return tensor.plus(0).cast(DType.F32); // a copy: the file may go
    }
  }

  private static LoraConfig config(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new CheckpointException(file, "", "is too large for a configuration", MEND);
    }
    JsonNode json;
    try {
      json = JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file, "", "is not JSON (" + e.getOriginalMessage() + ")", MEND, e);
    }
    if (!json.path("peft_type").asText().equals("LORA")) {
      throw new CheckpointException(file, "peft_type", "is " + json.path("peft_type") + ", not LORA", MEND);
    }
    // what would change the result, and is not computed here
    for (String off : List.of("use_dora", "fan_in_fan_out", "lora_bias", "use_qalora", "use_bdlora")) {
      refuse(file, off, json.path(off), json.path(off).asBoolean(false));
    }
    for (String none : List.of(
        "modules_to_save", "trainable_token_indices", "layer_replication", "target_parameters", "alora_invocation_tokens")) {
      refuse(file, none, json.path(none), !json.path(none).isMissingNode() && !json.path(none).isNull());
    }
    for (String empty : List.of("rank_pattern", "alpha_pattern")) {
      refuse(file, empty, json.path(empty), !json.path(empty).isEmpty());
    }
    refuse(file, "bias", json.path("bias"), !json.path("bias").asText("none").equals("none"));
    List<String> targets = new ArrayList<>();
    JsonNode named = json.path("target_modules");
    if (named.isArray()) {
      named.forEach(target -> targets.add(target.asText().substring(target.asText().lastIndexOf('.') + 1)));
    } else {
      targets.addAll(LoraConfig.TARGETS); // a pattern: what the file of matrices holds counts
    }
    try {
      boolean stabilized = json.path("use_rslora").asBoolean(false);
      return new LoraConfig(json.path("r").asInt(), json.path("lora_alpha").asDouble(), targets, stabilized);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file, "r, lora_alpha, target_modules", e.getMessage(), MEND, e);
    }
  }

  private static void refuse(Path file, String key, JsonNode value, boolean refused) throws CheckpointException {
    if (refused) {
      throw new CheckpointException(file, key, "is " + value + ", which Garut does not compute", MEND);
    }
  }

  /** Writes an adapter into {@code folder}. */
  static void write(Path folder, LoraConfig config, String base, Map<String, LoraAdapter.Pair> pairs)
      throws IOException {
    try (StagedFolder staged = StagedFolder.create(folder)) {
      ObjectNode json = JSON.createObjectNode();
      json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("base_model_name_or_path", base);
      json.put("r", config.rank()).put("lora_alpha", config.alpha()).put("lora_dropout", 0.0).put("bias", "none");
      json.put("use_rslora", config.rankStabilized()).put("fan_in_fan_out", false).put("inference_mode", true);
      config.targets().forEach(json.putArray("target_modules")::add);
      Files.writeString(staged.path().resolve(CONFIG), json.toPrettyString() + "\n");
      Map<String, Tensor> named = new LinkedHashMap<>();
      pairs.forEach(
          (name, pair) -> {
            named.put(PREFIX + name + ".lora_A.weight", pair.a());
            named.put(PREFIX + name + ".lora_B.weight", pair.b());
          });
      List<TensorSpec> specs = named.entrySet().stream()
          .map(each -> new TensorSpec(each.getKey(), DType.F32, each.getValue().shape()))
          .toList();
      Metadata metadata = Metadata.of(Map.of("format", "pt")); // Transformers insists on it
      try (CheckpointWriter writer = CheckpointWriter.safetensors(staged.path().resolve(WEIGHTS), specs, metadata)) {
        for (Map.Entry<String, Tensor> each : named.entrySet()) {
          writer.write(each.getKey(), each.getValue().segment());
        }
        writer.commit();
      }
      staged.commit();
    }
  }
}
