package io.garut.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that a run was started with, as it was resolved: one value under each name, in the order in which they were set.
 * Immutable.
 */
public final class RunSettings {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
  private static final String BYTES = "_bytes";
  private static final String CRC = "_crc32c";
  private static final String JAVA = "java_version";
  private static final String JVM = "jvm";
  private static final String SYSTEM = "system";
  private static final String PROCESSORS = "processors";

  /** What may change when a run goes on: no weight depends on it. */
  private static final Set<String> FREE = Set.of(
      JAVA, JVM, SYSTEM, PROCESSORS, "ranks", "zero", "offload", "eval_every", "save_every", "log_every", "keep",
      "sample_tokens", "prompts");

  private final Map<String, Object> values;

  private RunSettings(Map<String, Object> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  /** None yet. */
  public static RunSettings empty() {
    return new RunSettings(new LinkedHashMap<>());
  }

  /**
   * With {@code value} under {@code name}: a text, a number, a boolean, or a list of these.
   *
   * @throws IllegalArgumentException if it is something else, which JSON would not bring back
   */
  public RunSettings with(String name, Object value) {
    if (!isPlain(value) && !(value instanceof List<?> list && list.stream().allMatch(RunSettings::isPlain))) {
      throw new IllegalArgumentException(
          "setting '" + name + "' must be a text, a number, a boolean or a list of these, not " + value);
    }
    Map<String, Object> changed = new LinkedHashMap<>(values);
    changed.put(name, value);
    return new RunSettings(changed);
  }

  private static boolean isPlain(Object value) {
    return switch (value) {
      case String _, Boolean _, Integer _, Long _ -> true;
      case Double number -> Double.isFinite(number);
      case null, default -> false;
    };
  }

  /**
   * With the file at {@code path} under {@code name}, its size under {@code name_bytes} and its CRC-32C under {@code
   * name_crc32c}.
   *
   * @throws IOException if it cannot be read
   */
  public RunSettings withFile(String name, Path path) throws IOException {
    return with(name, path.toAbsolutePath().normalize().toString())
        .with(name + BYTES, Files.size(path))
        .with(name + CRC, Checksums.crc(path));
  }

  /** With what the run's speed and bits depend on: {@code java_version}, {@code jvm}, {@code system}, {@code processors}. */
  public RunSettings withEnvironment() {
    return with(JAVA, System.getProperty("java.version"))
        .with(JVM, System.getProperty("java.vm.name"))
        .with(SYSTEM, System.getProperty("os.name") + " " + System.getProperty("os.arch"))
        .with(PROCESSORS, Runtime.getRuntime().availableProcessors());
  }

  /** All of them, in order. */
  public Map<String, Object> values() {
    return values;
  }

  /** The value under {@code name}, if there is one. */
  public Optional<Object> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /**
   * What {@code then} has otherwise than these, or only one of both, as in "seed 42, not 7"; what no weight depends on apart.
   */
  public Optional<String> difference(RunSettings then) {
    return Stream.concat(values.keySet().stream(), then.values.keySet().stream())
        .filter(name -> !FREE.contains(name) && differs(name, then))
        .map(name -> told(name, then))
        .findFirst();
  }

  /** The same for the names that these have. */
  public Optional<String> differenceOfOwn(RunSettings then) {
    return values.keySet().stream().filter(name -> differs(name, then)).map(name -> told(name, then)).findFirst();
  }

  private boolean differs(String name, RunSettings then) {
    return !String.valueOf(values.get(name)).equals(String.valueOf(then.values.get(name))); // 1 may be a long
  }

  private String told(String name, RunSettings then) {
    String there = then.get(name).map(value -> name + " " + value).orElse("no " + name);
    return there + ", not " + get(name).orElse("none");
  }

  /** Those without the names under which {@link #withFile} keeps what a file was like: its place alone. */
  public RunSettings withoutChecksums() {
    Map<String, Object> places = new LinkedHashMap<>(values);
    for (String name : values.keySet()) {
      if (values.containsKey(name + CRC)) {
        places.remove(name + CRC);
        places.remove(name + BYTES);
      }
    }
    return new RunSettings(places);
  }

  /**
   * Checks that the files among the settings are what they were.
   *
   * @throws CheckpointException naming the first that is not
   */
  public void requireSameFiles() throws CheckpointException {
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      Object crc = values.get(entry.getKey() + CRC);
      if (crc == null) {
        continue;
      }
      Path path = Path.of(entry.getValue().toString());
      String remedy = "bring the file back that the run began with, or begin a new run";
      try {
        if (!Checksums.crc(path).equals(crc)) {
          String then = values.get(entry.getKey() + BYTES) + " bytes with the checksum " + crc;
          String what = "has changed since the run began: it had " + then + ", and has " + Files.size(path) + " bytes";
          throw new CheckpointException(path, entry.getKey(), what, remedy);
        }
      } catch (CheckpointException e) {
        throw e;
      } catch (IOException e) {
        throw new CheckpointException(path, entry.getKey(), "cannot be read (" + e + ")", remedy, e);
      }
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CheckpointException if it is missing or damaged
   */
  static RunSettings read(Path file) throws CheckpointException {
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      if (json == null || !json.isObject()) {
        throw new CheckpointException(file, "start", "is not a JSON object", "name the folder of a run");
      }
      return new RunSettings(JSON.convertValue(json, MAP));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file, "reading", "is no JSON", "name the folder of a run", e);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointException(file, "reading", "cannot be read (" + e + ")", "name the folder of a run", e);
    }
  }

  /** Writes them as a JSON object, whole or not at all. */
  void write(Path file) throws CheckpointException {
    String text = JSON.valueToTree(values).toPrettyString() + "\n";
    writeWhole(file, text);
  }

  static void writeWhole(Path file, String text) throws CheckpointException {
    try (AtomicFile atomic = AtomicFile.create(file)) {
      atomic.write(0, text.getBytes(StandardCharsets.UTF_8));
      atomic.commit();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RunSettings settings && settings.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
