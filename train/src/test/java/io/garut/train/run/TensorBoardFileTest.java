package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.train.run.EventReader.Field;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardFileTest {
  @TempDir private Path folder;

  @Test
  void eventsComeBack() throws IOException {
    try (TensorBoardFile file = TensorBoardFile.begin(folder, 1.7e9)) {
      file.scalars(1.7e9 + 1, 1, Map.of("train/loss", 2.5));
      file.scalars(1.7e9 + 2, 3_000_000_000L, Map.of("train/loss", Double.NaN));
      file.samples(1.7e9 + 2, 4, List.of(new Sample("Who?", "Sheep,\n<b>grün</b>.")));
    }
    assertThat(EventReader.lines(folder))
        .containsExactly(
            "version brain.Event:2",
            "session [Field[number=1, value=1]]",
            "1 train/loss 2.5",
            "3000000000 train/loss NaN",
            "4 samples/01     Who?\n\n---\n\n    Sheep,\n    <b>grün</b>.\n\n---\n");
  }

  /** A restart, a scalar and a text at step 3, as TensorBoard 2.21's own classes write them and its EventAccumulator reads. */
  private static final String GOLDEN =
      "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c0d00000000000000"
          + "3c37b83409000000000000f83f3a020801b718825c1a00000000000000129bd82d09000000000000044010032a0d0a0b"
          + "0a046c6f737315000020406091c6fd34000000000000005e33175c09000000000000044010032a270a250a0a73616d70"
          + "6c65732f3031420b0807120042056772c3bc6e4a0a0a060a047465787420025291ed50";

  @Test
  void theBytesAreThoseOfTensorBoard() throws IOException {
    try (TensorBoardFile file = TensorBoardFile.begin(folder, 1.5)) {
      file.scalars(2.5, 3, Map.of("loss", 2.5));
      file.text(2.5, 3, "samples/01", "grün");
    }
    byte[] written = Files.readAllBytes(folder.resolve("events.out.tfevents.0000000001.garut"));
    assertThat(HexFormat.of().formatHex(written)).isEqualTo(GOLDEN);
  }

  @Test
  void anOldFileIsReplaced() throws IOException {
    TensorBoardFile.begin(folder, 1).close();
    TensorBoardFile.begin(folder, 1).close();
    TensorBoardFile.begin(folder, 2).close();
    assertThat(folder.toFile().list()).containsExactly("events.out.tfevents.0000000002.garut");
  }

  @Property
  void numbersOfAnySizeComeBack(@ForAll long whole, @ForAll double real, @ForAll float single, @ForAll String text) {
    ProtoMessage inner = new ProtoMessage().put(15, whole).put(16, real);
    byte[] bytes = new ProtoMessage().put(1, inner).put(2000, single).put(3, text).toBytes();
    List<Field> fields = EventReader.fields(ByteBuffer.wrap(bytes));
    assertThat(EventReader.fields((ByteBuffer) fields.get(0).value()))
        .containsExactly(new Field(15, whole), new Field(16, real));
    assertThat(fields.get(1)).isEqualTo(new Field(2000, single));
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    assertThat((ByteBuffer) fields.get(2).value()).isEqualTo(ByteBuffer.wrap(Arrays.copyOf(utf8, utf8.length)));
  }
}
