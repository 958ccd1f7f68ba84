package io.garut.tensor.io;

import io.garut.tensor.io.file.FileCheckpoint;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/** Several files that an index joins. Tensors that the index does not name are passed over. */
final class ShardedCheckpoint implements Checkpoint {
  private final Path index;
  private final Map<String, String> shardOf;
  private final Map<String, Checkpoint> shards;
  private final Metadata metadata;

  /** Tensor name to shard name, shard name to shard. */
  ShardedCheckpoint(Path index, Map<String, String> shardOf, Map<String, Checkpoint> shards, Metadata metadata) {
    this.index = index;
    this.shardOf = Collections.unmodifiableMap(shardOf);
    this.shards = shards;
    this.metadata = metadata;
  }

  @Override
  public Path source() {
    return index;
  }

  @Override
  public Format format() {
    return shards.values().iterator().next().format();
  }

  @Override
  public Set<String> names() {
    return shardOf.keySet();
  }

  @Override
  public Entry entry(String name) throws CheckpointException {
    return shard(name).entry(name);
  }

  @Override
  public Mapped map(String name) throws CheckpointException {
    return shard(name).map(name);
  }

  private Checkpoint shard(String name) throws CheckpointException {
    String shard = shardOf.get(name);
    if (shard == null) {
      throw FileCheckpoint.missing(index, name, names());
    }
    return shards.get(shard);
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public void close() {
    shards.values().forEach(Checkpoint::close);
  }
}
