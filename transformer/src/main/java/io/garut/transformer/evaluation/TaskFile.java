package io.garut.transformer.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The questions of a task.
 *
 * @param records how many the file holds
 * @param items those that are asked: the first ones
 */
public record TaskFile(Task task, int records, List<Item> items) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Copies the list. */
  public TaskFile {
    items = List.copyOf(items);
  }

  /**
   * Reads all questions of {@code file}: JSON lines in the hub's schema of {@code task}, UTF-8.
   *
   * @throws RecordException naming file and line, if a record is bad
   * @throws IOException if the file cannot be read
   */
  public static TaskFile read(Task task, Path file) throws IOException {
    return read(task, file, Integer.MAX_VALUE);
  }

  /**
   * Reads the first questions.
   *
   * @param limit how many; below 1 it is their share, rounded up, as the harness has it
   */
  public static TaskFile read(Task task, Path file, double limit) throws IOException {
    List<Place> places = new ArrayList<>();
    List<String> lines = lines(file, places);
    double wanted = limit < 1 ? Math.ceil(limit * lines.size()) : limit;
    int count = (int) Math.min(wanted, lines.size());
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(Formulas.item(fields(task, places.get(i), lines.get(i))));
    }
    return new TaskFile(task, lines.size(), items);
  }

  private static List<String> lines(Path file, List<Place> places) throws IOException {
    List<String> lines = new ArrayList<>();
    long number = 0;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          lines.add(line);
          places.add(new Place(file, number));
        }
      }
    } catch (CharacterCodingException e) {
      String remedy = "convert the file, for example with iconv";
      throw new RecordException(new Place(file, number + 1), "here or soon after it is not UTF-8", remedy, e);
    }
    return lines;
  }

  private static Fields fields(Task task, Place place, String line) throws RecordException {
    try {
      JsonNode json = JSON.readTree(line);
      if (!json.isObject()) {
        throw new RecordException(place, "is not a JSON object", "a line holds " + task.schema());
      }
      return new Fields(place, json, task);
    } catch (JsonProcessingException e) {
      String why = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new RecordException(place, "is not valid JSON (" + why + ")", "a line holds one record", e);
    }
  }
}
