package io.garut.tensor.io;

import static io.garut.tensor.io.Hostile.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the reference implementation, and files that break the format's rules. */
class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void readsWhatTheReferenceWrites() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("state.safetensors"))) {
      assertThat(checkpoint.format()).isEqualTo(Format.SAFETENSORS);
      assertThat(checkpoint.metadata().string("format")).isEqualTo("pt");
      assertThat(checkpoint.metadata().string("note")).isEqualTo("ünï\n\"quoted\"");
      assertThat(checkpoint.names()).hasSize(19);
      Entry i32 = checkpoint.entry("i32");
      assertThat(i32.dtype()).contains(DType.I32);
      assertThat(i32.shape()).isEqualTo(Shape.of(3));
      try (Mapped data = checkpoint.map("i32")) {
        assertThat(data.segment().toArray(ValueLayout.JAVA_INT)).containsExactly(1, -2, Integer.MAX_VALUE);
      }
      assertThat(checkpoint.entry("scalar").shape()).isEqualTo(Shape.scalar());
      assertThat(checkpoint.entry("empty").shape()).isEqualTo(Shape.of(0, 3));
      try (Mapped data = checkpoint.map("empty")) {
        assertThat(data.segment().byteSize()).isZero();
      }
    }
  }

  @Test
  void listsForeignTypesAndRefusesToReadThem() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("state.safetensors"))) {
      for (String type : new String[] {"u8", "i8", "i16"}) {
        assertThat(checkpoint.entry(type).type()).isEqualToIgnoringCase(type);
        assertThat(checkpoint.entry(type).dtype()).isEmpty();
        assertThatThrownBy(() -> checkpoint.map(type))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining("state.safetensors: tensor '" + type + "'")
            .hasMessageContaining("which Garut cannot compute with; convert");
      }
    }
  }

  @Test
  void namesWhatIsMissing() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("state.safetensors"))) {
      assertThatThrownBy(() -> checkpoint.map("lm_head.weight"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("tensor 'lm_head.weight': is not among the 19 tensors");
      assertThatThrownBy(() -> checkpoint.metadata().integer("format"))
          .hasMessageContaining("metadata key 'format': is a STRING, not a whole number");
      assertThatThrownBy(() -> checkpoint.metadata().string("author"))
          .hasMessageContaining("metadata key 'author': is missing");
    }
  }

  @Test
  void mappingsOutliveTheCheckpointAndEachOther() throws Exception {
    Mapped first;
    Mapped second;
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("state.safetensors"))) {
      first = checkpoint.map("f64");
      second = checkpoint.map("i32");
    }
    first.close();
    first.close();
    assertThat(second.segment().get(ValueLayout.JAVA_INT, 4)).isEqualTo(-2);
    assertThatThrownBy(() -> first.segment().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    second.close();
  }

  @Test
  void aClosedCheckpointSaysSo() throws Exception {
    Checkpoint checkpoint = Checkpoint.open(Hostile.resource("state.safetensors"));
    checkpoint.close();
    assertThatThrownBy(() -> checkpoint.map("f32"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("the checkpoint is closed; read before closing it");
  }

  @Test
  void refusesFlagsThatAreNeitherTrueNorFalse() throws Exception {
    String header = "{\"m\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[0,3]}}";
    assertRefused(folder, file(header, 3), "tensor 'm': holds a flag that is neither 0 nor 1, at element 2");
  }

  /** The header may have any length, so data may lie at any address. */
  @Test
  void unalignedDataAreCopied() throws Exception {
    Path file = folder.resolve("odd.safetensors");
    Files.write(file, file("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} ", 8));
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertThat(checkpoint.entry("w").offset() % 4).isNotZero();
      try (Mapped data = checkpoint.map("w")) {
        assertThat(data.segment().toArray(ValueLayout.JAVA_INT)).containsExactly(0x03020100, 0x07060504);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE, -1, 100_000_001, 1L << 62})
  void refusesImpossibleHeaderLengths(long length) throws IOException {
    assertRefused(
        folder,
        new Bytes().u64(length).text("{}").array(),
        "header length: is " + Long.toUnsignedString(length) + " bytes; the format allows 100000000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}       | 8 | header
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x    | 8 | header
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}{}    | 8 | goes on after its end
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}      | 7 | truncated?
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}      | 9 | end at byte
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}      | 9 | tensor 'w': leaves a hole
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}      | 8 | takes 8
          {"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}      | 8 | takes 12
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}    | 8 | more than 2 numbers
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}        | 8 | data_offsets [begin, end]
          {"w":{"dtype":"F32","shape":[2]}}                           | 8 | needs dtype, shape
          {"w":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}      | 8 | unknown dtype 'F99'
          {"w":{"dtype":"Q8_0","shape":[32],"data_offsets":[0,34]}}   | 34 | unknown dtype 'Q8_0'
          {"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}     | 8 | negative
          {"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}    | 8 | not a whole number
          {"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}    | 8 | not a whole number
          {"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}        | 8 | is not an array
          {"w":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}         | 8 | is not a string
          {"w":[]}                                                    | 0 | is not an object
          {"w":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}       | 1 | takes
          {"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | 8 | impossible shape
          {"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}   | 0 | impossible shape
          {"w":{"dtype":"F32","shape":[0,9223372036854775807,2],"data_offsets":[0,8]}} | 8 | more than 2^63-1 elements
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}  | 8 | past 2^63-1
          {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,1e400]}}  | 8 | not a whole number
          {"__metadata__":{"a":1}}                                    | 0 | is not a string
          {"__metadata__":7}                                          | 0 | is not an object
          """)
  void refusesHeadersThatBreakARule(String header, int dataBytes, String message) throws IOException {
    assertRefused(folder, file(header, dataBytes), message);
  }

  @Test
  void refusesMoreEntriesThanAnyModelHas() throws IOException {
    String entry = "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"";
    StringBuilder tensors = new StringBuilder("{\"");
    StringBuilder texts = new StringBuilder("{\"__metadata__\":{\"");
    for (int i = 0; i <= 1 << 17; i++) {
      tensors.append(i).append(entry);
      texts.append(i).append("\":\"\",\"");
    }
    tensors.append("end\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
    texts.append("end\":\"\"}}");
    assertRefused(folder, file(tensors.toString(), 0), "header: has more than 131072 entries");
    assertRefused(folder, file(texts.toString(), 0), "__metadata__: has more than 131072 entries");
  }

  @Test
  void refusesKeysThatComeTwice() throws IOException {
    String w = "\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
    assertRefused(folder, file("{" + w + "," + w + "}", 1), "header, character", "'w'");
    String twice = "{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    assertRefused(folder, file(twice, 1), "header, character", "'dtype'");
  }

  @Test
  void refusesOverlap() throws IOException {
    String header =
        """
        {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""";
    assertRefused(folder, file(header, 7), "tensor 'b': overlaps the tensor before it");
  }

  @Test
  void refusesWhatIsNotUtf8() throws IOException {
    byte[] bytes = file("{\"a?\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
    bytes[11] = (byte) 0xff;
    assertRefused(folder, bytes, "header: is not valid UTF-8");
    byte[] wide = "{\"a\":{}}".getBytes(StandardCharsets.UTF_16LE);
    assertRefused(folder, new Bytes().u64(wide.length).raw(wide).array(), "header");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    String deep = "[".repeat(100_000);
    assertRefused(folder, file("{\"w\":{\"x\":" + deep, 0), "header, character", "depth");
  }

  @Test
  void hostileNamesAreShownHarmlessly() throws IOException {
    String name = "\\u001b[2J\\n" + "x".repeat(5000);
    assertRefused(
        folder,
        file("{\"" + name + "\":{\"dtype\":\"F99\",\"shape\":[],\"data_offsets\":[0,1]}}", 1),
        "tensor '\\u001b[2J\\u000axxx",
        "…'");
  }

  /** A real header, cut at each place. */
  @Test
  void refusesEveryTruncation() throws Exception {
    byte[] whole = Files.readAllBytes(Hostile.resource("state.safetensors"));
    Path file = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length += 13) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(file);
    }
  }

  static byte[] file(String header, int dataBytes) {
    Bytes bytes = new Bytes().u64(header.getBytes(StandardCharsets.UTF_8).length).text(header);
    for (int i = 0; i < dataBytes; i++) {
      bytes.u8(i);
    }
    return bytes.array();
  }
}
