package io.garut.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.garut.tensor.io.CheckpointException;
import io.garut.train.TrainerState;
import io.garut.train.optim.LossScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The numbers that a run goes on from, beside the tensors.
 *
 * @param trainer steps, and the loss scale
 * @param updates steps that the optimizer took
 * @param data where in its data the run stands: texts, numbers, booleans, lists and maps of these
 * @param settings those of the run, of the same kinds
 */
public record SavedState(TrainerState trainer, long updates, Map<String, Object> data, Map<String, Object> settings) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};
  private static final int FORMAT = 1;

  /**
   * The whole number under {@code key} in {@link #data}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public long position(String key) {
    if (data.get(key) instanceof Number number && (number instanceof Integer || number instanceof Long)) {
      return number.longValue();
    }
    throw new IllegalArgumentException(
        "the position in the data has no whole number '" + key + "', only " + data + "; was it another kind of run?");
  }

  /** As JSON, in which every number is read back as it was. */
  String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("format", FORMAT);
    json.put("step", trainer.step());
    json.put("skipped", trainer.skipped());
    json.put("updates", updates);
    ObjectNode scale = json.putObject("loss_scale");
    scale.put("value", trainer.lossScale().value());
    scale.put("growth_steps", trainer.lossScale().growthSteps());
    scale.put("good_steps", trainer.lossScale().goodSteps());
    json.set("data", JSON.valueToTree(data));
    json.set("settings", JSON.valueToTree(settings));
    return json.toPrettyString() + "\n";
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws CheckpointException naming file and key, if something is missing
   */
  static SavedState read(Path file) throws CheckpointException {
    JsonNode json;
    try {
      json = JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file, "reading", "is no JSON", "go back to an earlier checkpoint", e);
    } catch (IOException e) {
      throw new CheckpointException(file, "reading", "cannot be read (" + e + ")", "check the disk", e);
    }
    if (json == null || json.path("format").asInt() != FORMAT) {
      throw new CheckpointException(
          file, "format", "is not " + FORMAT, "go on with the version of Garut that wrote the checkpoint");
    }
    JsonNode scale = json.path("loss_scale");
    LossScale lossScale =
        new LossScale(
            number(file, scale, "value").doubleValue(),
            number(file, scale, "growth_steps").intValue(),
            number(file, scale, "good_steps").intValue());
    TrainerState trainer =
        new TrainerState(number(file, json, "step").longValue(), number(file, json, "skipped").intValue(), lossScale);
    return new SavedState(
        trainer, number(file, json, "updates").longValue(), map(file, json, "data"), map(file, json, "settings"));
  }

  private static JsonNode number(Path file, JsonNode parent, String key) throws CheckpointException {
    if (!parent.path(key).isNumber()) {
      throw new CheckpointException(file, key, "is missing", "go back to an earlier checkpoint");
    }
    return parent.path(key);
  }

  private static Map<String, Object> map(Path file, JsonNode parent, String key) throws CheckpointException {
    if (!parent.path(key).isObject()) {
      throw new CheckpointException(file, key, "is missing", "go back to an earlier checkpoint");
    }
    return JSON.convertValue(parent.path(key), MAP);
  }
}
