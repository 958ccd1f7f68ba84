package io.garut.tensor.io.gguf;

import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.MetadataType;
import io.garut.tensor.io.MetadataValue;
import io.garut.tensor.io.MetadataValue.Array;
import io.garut.tensor.io.MetadataValue.Flag;
import io.garut.tensor.io.MetadataValue.Real;
import io.garut.tensor.io.MetadataValue.Text;
import io.garut.tensor.io.MetadataValue.Whole;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.io.file.Layout;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays a GGUF file of version 3 out. */
public final class GgufLayout {
  private static final int VERSION = 3;

  /** ggml's GGML_MAX_NAME, less its closing zero. */
  private static final int MOST_NAME_BYTES = 63;

  private final ByteArrayOutputStream header = new ByteArrayOutputStream();

  private GgufLayout() {}

  /**
   * The layout for {@code tensors}.
   *
   * @throws IllegalArgumentException if a name comes twice or is too long, a tensor has more than 4 dimensions, a dtype
   *     is BOOL, or {@code general.alignment} is no power of two from 8
   */
  public static Layout of(List<TensorSpec> tensors, Metadata metadata) {
    return new GgufLayout().layout(tensors, metadata);
  }

  private Layout layout(List<TensorSpec> tensors, Metadata metadata) {
    long alignment = alignment(metadata);
    header.writeBytes(GgufReader.MAGIC);
    number(VERSION, 4);
    number(tensors.size(), 8);
    number(metadata.keys().size(), 8);
    for (Map.Entry<String, MetadataValue> entry : metadata.values().entrySet()) {
      text(entry.getKey());
      number(entry.getValue().type().id(), 4);
      value(entry.getValue());
    }
    Map<String, Layout.Slot> relative = new LinkedHashMap<>();
    long offset = 0;
    for (TensorSpec spec : tensors) {
      info(spec, offset);
      if (relative.put(spec.name(), new Layout.Slot(offset, spec.byteLength())) != null) {
        throw new IllegalArgumentException("two tensors are called '" + spec.name() + "'");
      }
      offset = padded(offset + spec.byteLength(), alignment);
    }
    long dataOffset = padded(header.size(), alignment);
    Map<String, Layout.Slot> slots = new LinkedHashMap<>();
    relative.forEach(
        (name, slot) -> slots.put(name, new Layout.Slot(dataOffset + slot.offset(), slot.byteLength())));
    return new Layout(header.toByteArray(), slots, dataOffset + offset);
  }

  private static long alignment(Metadata metadata) {
    MetadataValue value =
        metadata
            .find(GgufReader.ALIGNMENT_KEY)
            .orElse(new Whole(MetadataType.UINT32, GgufReader.DEFAULT_ALIGNMENT));
    boolean good = value instanceof Whole whole && whole.value() >= 8 && Long.bitCount(whole.value()) == 1;
    if (!good || value.type() != MetadataType.UINT32) {
      throw new IllegalArgumentException(
          "'" + GgufReader.ALIGNMENT_KEY + "' must be a power of two from 8, in 32 bits");
    }
    return ((Whole) value).value();
  }

  private void info(TensorSpec spec, long offset) {
    String what = "tensor '" + spec.name() + "': ";
    if (spec.name().getBytes(StandardCharsets.UTF_8).length > MOST_NAME_BYTES) {
      throw new IllegalArgumentException(what + "ggml takes names of at most " + MOST_NAME_BYTES + " bytes");
    }
    long[] dims = spec.shape().toArray();
    if (dims.length > GgufReader.MOST_DIMENSIONS) {
      throw new IllegalArgumentException(what + "GGUF takes at most 4 dimensions, not " + spec.shape());
    }
    GgmlType type =
        GgmlType.of(spec.dtype())
            .orElseThrow(() -> new IllegalArgumentException(what + "GGUF cannot hold " + spec.dtype()));
    text(spec.name());
    number(dims.length, 4);
    for (int i = dims.length - 1; i >= 0; i--) {
      number(dims[i], 8);
    }
    number(type.id(), 4);
    number(offset, 8);
  }

  private void value(MetadataValue value) {
    switch (value) {
      case Text text -> text(text.value());
      case Flag flag -> number(flag.value() ? 1 : 0, 1);
      case Whole whole -> number(whole.value(), whole.type().leastBytes());
      case Real real -> {
        boolean single = real.type() == MetadataType.FLOAT32;
        long bits = single ? Float.floatToRawIntBits((float) real.value()) : Double.doubleToRawLongBits(real.value());
        number(bits, real.type().leastBytes());
      }
      case Array array -> {
        number(array.elementType().id(), 4);
        number(array.values().size(), 8);
        array.values().forEach(this::value);
      }
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length, 8);
    header.writeBytes(bytes);
  }

  /** Little-endian. */
  private void number(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      header.write((int) (value >> 8 * i));
    }
  }

  private static long padded(long size, long alignment) {
    return Math.ceilDiv(size, alignment) * alignment;
  }
}
