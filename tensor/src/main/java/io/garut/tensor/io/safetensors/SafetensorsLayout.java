package io.garut.tensor.io.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.garut.tensor.io.Metadata;
import io.garut.tensor.io.MetadataValue;
import io.garut.tensor.io.TensorSpec;
import io.garut.tensor.io.file.Layout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays a safetensors file out. */
public final class SafetensorsLayout {
  /** The header is padded with blanks so that data begin at a multiple of a cache line. */
  private static final int ALIGNMENT = 64;

  private SafetensorsLayout() {}

  /**
   * The layout for {@code tensors}.
   *
   * @throws IllegalArgumentException if a name comes twice, a dtype is a block format, a metadata value is not a text,
   *     or the header passes the format's limit
   */
  public static Layout of(List<TensorSpec> tensors, Metadata metadata) {
    List<TensorSpec> ordered = new ArrayList<>(tensors);
    // No holes are allowed: widest first keeps every tensor aligned to its elements.
    ordered.sort(Comparator.comparingInt((TensorSpec spec) -> spec.dtype().blockBytes()).reversed());
    byte[] json = json(ordered, metadata);
    int length = Math.ceilDiv(8 + json.length, ALIGNMENT) * ALIGNMENT;
    if (length - 8 > SafetensorsReader.MOST_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "the header takes " + json.length + " bytes; safetensors allows " + SafetensorsReader.MOST_HEADER_BYTES);
    }
    ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).putLong(length - 8).put(json);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    Map<String, Layout.Slot> slots = new LinkedHashMap<>();
    long offset = length;
    for (TensorSpec spec : ordered) {
      if (slots.put(spec.name(), new Layout.Slot(offset, spec.byteLength())) != null) {
        throw new IllegalArgumentException("two tensors are called '" + spec.name() + "'");
      }
      offset += spec.byteLength();
    }
    return new Layout(header.array(), slots, offset);
  }

  private static byte[] json(List<TensorSpec> ordered, Metadata metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.keys().isEmpty()) {
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, MetadataValue> value : metadata.values().entrySet()) {
          json.writeStringField(value.getKey(), text(value.getKey(), value.getValue()));
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (TensorSpec spec : ordered) {
        json.writeObjectFieldStart(checkedName(spec));
        json.writeStringField("dtype", type(spec));
        long[] shape = spec.shape().toArray();
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, offset + spec.byteLength()}, 0, 2);
        json.writeEndObject();
        offset += spec.byteLength();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private static String text(String key, MetadataValue value) {
    if (value instanceof MetadataValue.Text text) {
      return text.value();
    }
    throw new IllegalArgumentException(
        "metadata '" + key + "' is a " + value.type() + "; safetensors holds strings only");
  }

  private static String checkedName(TensorSpec spec) {
    if (spec.name().equals("__metadata__")) {
      throw new IllegalArgumentException("no tensor can be called __metadata__ in a safetensors file");
    }
    return spec.name();
  }

  private static String type(TensorSpec spec) {
    return SafetensorsType.of(spec.dtype())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "tensor '" + spec.name() + "': safetensors cannot hold " + spec.dtype() + "; write GGUF, or F32"))
        .name();
  }
}
