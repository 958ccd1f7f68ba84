package io.garut.tensor.io;

import io.garut.tensor.io.MetadataValue.Array;
import io.garut.tensor.io.MetadataValue.Flag;
import io.garut.tensor.io.MetadataValue.Real;
import io.garut.tensor.io.MetadataValue.Text;
import io.garut.tensor.io.MetadataValue.Whole;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a checkpoint says about itself, by key: GGUF's typed keys and values, safetensors' {@code __metadata__}.
 * Immutable; in the file's order.
 *
 * <p>The getters that name a kind fail where the key is missing or its value of another kind; ask {@link #has} first
 * where a key is optional.
 */
public final class Metadata {
  private static final Metadata EMPTY = new Metadata(Path.of("(new checkpoint)"), Map.of());

  private final Path file;
  private final Map<String, MetadataValue> values;

  /** The values of {@code file}, which messages name. */
  public Metadata(Path file, Map<String, MetadataValue> values) {
    this.file = file;
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** No metadata. */
  public static Metadata empty() {
    return EMPTY;
  }

  /** Texts, as safetensors holds them. */
  public static Metadata of(Map<String, String> texts) {
    Builder builder = builder();
    texts.forEach(builder::string);
    return builder.build();
  }

  /** For metadata that are to be written. */
  public static Builder builder() {
    return new Builder();
  }

  /** The keys, in the file's order. */
  public Set<String> keys() {
    return values.keySet();
  }

  /** All keys and values, in the file's order. */
  public Map<String, MetadataValue> values() {
    return values;
  }

  /** Whether {@code key} is there. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** The value of {@code key}, whatever its kind. */
  public Optional<MetadataValue> find(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /**
   * The text of {@code key}.
   *
   * @throws CheckpointException if the key is missing or holds something else
   */
  public String string(String key) throws CheckpointException {
    return get(key) instanceof Text text ? text.value() : fail(key, "a string");
  }

  /**
   * The whole number of {@code key}.
   *
   * @throws CheckpointException if the key is missing, holds something else, or a number past 2⁶³−1
   */
  public long integer(String key) throws CheckpointException {
    return integer(key, get(key));
  }

  /**
   * The floating-point number of {@code key}.
   *
   * @throws CheckpointException if the key is missing or holds something else
   */
  public double real(String key) throws CheckpointException {
    return get(key) instanceof Real real ? real.value() : fail(key, "a floating-point number");
  }

  /**
   * The flag of {@code key}.
   *
   * @throws CheckpointException if the key is missing or holds something else
   */
  public boolean flag(String key) throws CheckpointException {
    return get(key) instanceof Flag flag ? flag.value() : fail(key, "true or false");
  }

  /**
   * The texts of {@code key}, an array.
   *
   * @throws CheckpointException if the key is missing or holds something else
   */
  public List<String> strings(String key) throws CheckpointException {
    List<MetadataValue> elements = elements(key);
    List<String> strings = new ArrayList<>(elements.size());
    for (MetadataValue element : elements) {
      strings.add(element instanceof Text text ? text.value() : fail(key, "an array of strings"));
    }
    return strings;
  }

  /**
   * The whole numbers of {@code key}, an array.
   *
   * @throws CheckpointException if the key is missing, holds something else, or a number past 2⁶³−1
   */
  public long[] integers(String key) throws CheckpointException {
    List<MetadataValue> elements = elements(key);
    long[] integers = new long[elements.size()];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = integer(key, elements.get(i));
    }
    return integers;
  }

  private List<MetadataValue> elements(String key) throws CheckpointException {
    return get(key) instanceof Array array ? array.values() : fail(key, "an array");
  }

  private long integer(String key, MetadataValue value) throws CheckpointException {
    if (value instanceof Whole whole && (whole.value() >= 0 || whole.type() != MetadataType.UINT64)) {
      return whole.value();
    }
    return fail(key, "a whole number of 63 bits");
  }

  private MetadataValue get(String key) throws CheckpointException {
    MetadataValue value = values.get(key);
    if (value == null) {
      throw new CheckpointException(
          file, "metadata key " + CheckpointException.quote(key), "is missing", "use a checkpoint that states it");
    }
    return value;
  }

  private <T> T fail(String key, String wanted) throws CheckpointException {
    MetadataValue value = get(key);
    String what = value instanceof Array array ? "an array of " + array.elementType() : "a " + value.type();
    throw new CheckpointException(
        file,
        "metadata key " + CheckpointException.quote(key),
        "is " + what + ", not " + wanted,
        "the file does not follow its format: convert the model again");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Metadata metadata && values.equals(metadata.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }

  /** Collects keys and values; the types of numbers are GGUF's, whose readers insist on them. */
  public static final class Builder {
    private final Map<String, MetadataValue> values = new LinkedHashMap<>();

    private Builder() {}

    /** Sets {@code key}, in place of an earlier value. */
    public Builder put(String key, MetadataValue value) {
      values.put(key, value);
      return this;
    }

    /** Takes over all of {@code metadata}. */
    public Builder putAll(Metadata metadata) {
      values.putAll(metadata.values);
      return this;
    }

    /** A string. */
    public Builder string(String key, String value) {
      return put(key, new Text(value));
    }

    /** An unsigned number of 32 bits, GGUF's usual one. */
    public Builder uint32(String key, long value) {
      return put(key, new Whole(MetadataType.UINT32, value));
    }

    /** A number of 32 bits. */
    public Builder float32(String key, float value) {
      return put(key, new Real(MetadataType.FLOAT32, value));
    }

    /** True or false. */
    public Builder flag(String key, boolean value) {
      return put(key, new Flag(value));
    }

    /** An array of strings. */
    public Builder strings(String key, List<String> texts) {
      return put(key, new Array(MetadataType.STRING, texts.stream().<MetadataValue>map(Text::new).toList()));
    }

    /** An array of signed numbers of 32 bits. */
    public Builder int32s(String key, int... numbers) {
      List<MetadataValue> elements = new ArrayList<>(numbers.length);
      for (int number : numbers) {
        elements.add(new Whole(MetadataType.INT32, number));
      }
      return put(key, new Array(MetadataType.INT32, elements));
    }

    /** What was collected. */
    public Metadata build() {
      return new Metadata(EMPTY.file, values);
    }
  }
}
