package io.garut.tensor.io.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.CheckpointWriter;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.io.file.AtomicFile;
import io.garut.tensor.io.file.PlannedFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Several safetensors files and the index that joins them. */
public final class SafetensorsShards implements CheckpointWriter {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = SINGLE + ".index.json";

  private final Map<String, PlannedFile> shardOf;
  private final List<PlannedFile> shards;
  private final AtomicFile index;

  private SafetensorsShards(
      Map<String, PlannedFile> shardOf, List<PlannedFile> shards, AtomicFile index) {
    this.shardOf = shardOf;
    this.shards = shards;
    this.index = index;
  }

  /**
   * Begins the files in {@code folder}; see {@link CheckpointWriter#shardedSafetensors}.
   *
   * @throws CheckpointException if one cannot be created
   */
  public static CheckpointWriter create(
      Path folder, List<TensorSpec> tensors, Metadata metadata, long mostBytes) throws CheckpointException {
    SafetensorsLayout.of(tensors, metadata); // names that come twice may lie in different shards
    List<List<TensorSpec>> parts = split(tensors, mostBytes);
    if (parts.size() <= 1) {
      return CheckpointWriter.safetensors(folder.resolve(SINGLE), tensors, metadata);
    }
    requireFree(folder, SINGLE, ", which readers prefer to shards");
    requireFree(folder, INDEX, "");
    Map<String, PlannedFile> shardOf = new LinkedHashMap<>();
    Map<String, String> weightMap = new LinkedHashMap<>();
    List<PlannedFile> shards = new ArrayList<>();
    AtomicFile index = AtomicFile.create(folder.resolve(INDEX));
    try {
      for (List<TensorSpec> part : parts) {
        String name =
            String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", shards.size() + 1, parts.size());
        requireFree(folder, name, "");
        PlannedFile shard = PlannedFile.create(folder.resolve(name), SafetensorsLayout.of(part, metadata));
        shards.add(shard);
        for (TensorSpec spec : part) {
          shardOf.put(spec.name(), shard);
          weightMap.put(spec.name(), name);
        }
      }
      index.write(0, json(weightMap, tensors.stream().mapToLong(TensorSpec::byteLength).sum()));
    } catch (CheckpointException e) {
      index.close();
      shards.forEach(CheckpointWriter::close);
      throw e;
    }
    return new SafetensorsShards(shardOf, shards, index);
  }

  /** What is there could not be put back after a failure half-way. */
  private static void requireFree(Path folder, String name, String why) throws CheckpointException {
    if (Files.exists(folder.resolve(name))) {
      throw new CheckpointWriteException(folder, "there is a " + name + why, "choose an empty folder");
    }
  }

  private static List<List<TensorSpec>> split(List<TensorSpec> tensors, long mostBytes) {
    List<List<TensorSpec>> parts = new ArrayList<>();
    long bytes = 0;
    for (TensorSpec spec : tensors) {
      if (parts.isEmpty() || bytes + spec.byteLength() > mostBytes) {
        parts.add(new ArrayList<>());
        bytes = 0;
      }
      parts.getLast().add(spec);
      bytes += spec.byteLength();
    }
    return parts;
  }

  private static byte[] json(Map<String, String> weightMap, long totalSize) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeObjectFieldStart("metadata");
      json.writeNumberField("total_size", totalSize);
      json.writeEndObject();
      json.writeObjectFieldStart("weight_map");
      for (Map.Entry<String, String> placed : weightMap.entrySet()) {
        json.writeStringField(placed.getKey(), placed.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void write(String name, MemorySegment data) throws CheckpointException {
    PlannedFile shard = shardOf.get(name);
    if (shard == null) {
      throw new IllegalArgumentException("tensor '" + name + "' was not announced");
    }
    try {
      shard.write(name, data);
    } catch (CheckpointException e) {
      withdraw(e);
      throw e;
    }
  }

  @Override
  public void commit() throws CheckpointException {
    shards.forEach(PlannedFile::checkComplete);
    try {
      for (PlannedFile shard : shards) {
        shard.settle(); // a disk that is full shows it here, before anything has appeared
      }
      for (PlannedFile shard : shards) {
        shard.commit();
      }
      index.commit(); // last: without it the shards are not a checkpoint
    } catch (CheckpointException e) {
      withdraw(e);
      throw e;
    }
  }

  private void withdraw(CheckpointException why) {
    try {
      index.withdraw();
      shards.forEach(PlannedFile::withdraw);
    } catch (UncheckedIOException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    index.close();
    shards.forEach(CheckpointWriter::close);
  }
}
