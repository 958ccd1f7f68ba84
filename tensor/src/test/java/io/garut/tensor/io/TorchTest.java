package io.garut.tensor.io;

import static io.garut.tensor.io.Hostile.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of PyTorch, and zip archives that break the rules. */
class TorchTest {
  private static final long[] TWO = {2};
  private static final long[] ONE = {1};

  @TempDir Path folder;

  @Test
  void readsWhatPyTorchWrites() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.open(Hostile.resource("state.bin"));
        Checkpoint expected = Checkpoint.open(Hostile.resource("state.safetensors"))) {
      assertThat(checkpoint.format()).isEqualTo(Format.PYTORCH);
      assertThat(checkpoint.names()).containsExactlyInAnyOrderElementsOf(expected.names());
      for (String name : checkpoint.names()) {
        Entry entry = checkpoint.entry(name);
        assertThat(entry.type()).as(name).isEqualTo(expected.entry(name).type());
        assertThat(entry.shape()).as(name).isEqualTo(expected.entry(name).shape());
        assertThat(entry.byteLength()).as(name).isEqualTo(expected.entry(name).byteLength());
        if (entry.dtype().isPresent()) {
          try (Mapped data = checkpoint.map(name);
              Mapped plain = expected.map(name)) {
            assertThat(data.segment().mismatch(plain.segment())).as(name).isEqualTo(-1);
          }
        }
      }
      assertThat(checkpoint.entry("tied").offset()).isEqualTo(checkpoint.entry("f32").offset());
      assertThat(checkpoint.entry("transposed").shape()).isEqualTo(Shape.of(7, 5));
    }
  }

  @Test
  void refusesTheFormBefore16() {
    assertRefused(
        Hostile.resource("legacy.bin"),
        "start: it is a PyTorch file of the form before 1.6; convert it once in Python: torch.save(");
  }

  @Test
  void refusesToRunCode() throws IOException {
    PickleBytes pickle = PickleBytes.protocol2().global("os", "system").mark().text("touch owned").op('t', 'R', '.');
    assertRefused(
        folder,
        archive(pickle.array()),
        "data.pkl, byte 2: names 'os.system', which Python would import and may run as code",
        "do not load this file with Python unless you trust it");
    byte[] protocol4 =
        new Bytes().u8(0x80, 4, 0x8c, 8).text("builtins").u8(0x8c, 4).text("eval").u8(0x93, '.').array();
    assertRefused(folder, archive(protocol4), "names 'builtins.eval'");
    byte[] hidden = PickleBytes.protocol2().global("torch._utils", "_rebuild_tensor_v2\u0000").op('.').array();
    assertRefused(folder, archive(hidden), "names 'torch._utils._rebuild_tensor_v2\\u0000'");
  }

  @Test
  void refusesOpcodesThatMakeObjects() throws IOException {
    // INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, and REDUCE upon something that is no name
    for (int opcode : new int[] {'i', 'o', 0x81, 0x92, 0x82}) {
      byte[] pickle = PickleBytes.protocol2().mark().op(opcode).array();
      assertRefused(folder, archive(pickle), String.format("uses opcode 0x%02x", opcode));
    }
    byte[] calls = PickleBytes.protocol2().text("os.system").op(')', 'R', '.').array();
    assertRefused(folder, archive(calls), "calls a string with a tuple");
    byte[] builds = PickleBytes.protocol2().op(')', '}', 'b', '.').array();
    assertRefused(folder, archive(builds), "sets the state of a tuple");
    byte[] storage = PickleBytes.protocol2().global("torch", "FloatStorage").op(')', 'R', '.').array();
    assertRefused(folder, archive(storage), "calls a storage class");
  }

  @Test
  void refusesPicklesThatContradictThemselves() throws IOException {
    String[] codes = {"", ".", "(", "(.", "0", "a.", "t.", "s.", "}N.", "h\u0001.", "Q.", "(NQ.", "b."};
    for (String code : codes) {
      assertRefused(folder, archive(PickleBytes.protocol2().op(code.chars().toArray()).array()), "data.pkl");
    }
    assertRefused(folder, archive(new byte[] {(byte) 0x80, 5, '}', '.'}), "is of pickle protocol 5");
    byte[] endless = new Bytes().u8(0x80, 2, 'X').u32(0x7fff_fff0).text("x").array();
    assertRefused(folder, archive(endless), "ends too early: 2147483632 more bytes are needed");
    byte[] negative = new Bytes().u8(0x80, 2, 'X').u32(0xffff_ffffL).text("x").array();
    assertRefused(folder, archive(negative), "ends too early: 4294967295 more bytes are needed");
    byte[] nameless = new Bytes().u8(0x80, 2, 'c').text("x".repeat(500)).array();
    assertRefused(folder, archive(nameless), "names a class or function without end");
    byte[] twice = PickleBytes.protocol2().op('}').mark().text("w").op('N').text("w").op('N', 'u', '.').array();
    assertRefused(folder, archive(twice), "sets key 'w' twice");
    byte[] invalid = new Bytes().u8(0x80, 2, 'X').u32(1).u8(0xff, '.').array();
    assertRefused(folder, archive(invalid), "not UTF-8");
  }

  @Test
  void boundsTimeAndMemory() throws IOException {
    byte[] marks = new byte[3_000_000];
    Arrays.fill(marks, (byte) '(');
    assertRefused(folder, archive(marks), "holds more than 1000000 objects");
    byte[] steps = new byte[6_000_000];
    for (int i = 0; i < steps.length; i += 3) {
      steps[i] = '}';
      steps[i + 1] = (byte) 'q';
    }
    assertRefused(folder, archive(steps), "takes more than 2000000 steps");
    byte[] loop = new byte[4_000_000];
    loop[0] = ']';
    loop[1] = '(';
    for (int i = 2; i < loop.length; i += 2) { // append nothing, again and again
      loop[i] = 'e';
      loop[i + 1] = '(';
    }
    assertRefused(folder, archive(loop), "takes more than 2000000 steps");
    // A list that holds itself a million times over: nothing here walks through it.
    byte[] self = PickleBytes.protocol2().op(']', 'q', 0, 'h', 0, 'a', '.').array();
    assertRefused(folder, archive(self), "does not hold a dictionary of tensors");
  }

  @Test
  void refusesOtherThingsThanTensors() throws IOException {
    byte[] list = PickleBytes.protocol2().op(']', '.').array();
    assertRefused(folder, archive(list), "does not hold a dictionary of tensors");
    byte[] epoch = PickleBytes.protocol2().op('}').mark().text("epoch").op('K', 3, 'u', '.').array();
    assertRefused(folder, archive(epoch), "data.pkl, key 'epoch': holds a number, not a tensor");
  }

  @Test
  void refusesTensorsOutsideTheirStorage() throws IOException {
    assertOne(2, 0, TWO, ONE, null);
    assertOne(2, 0, new long[] {3}, ONE, "reaches element 2 of a storage of 2");
    assertOne(2, 1, TWO, ONE, "reaches element 2 of a storage of 2");
    assertOne(2, -1, TWO, ONE, "offset");
    assertOne(2, 0, new long[] {-2}, ONE, "impossible shape");
    assertOne(2, 1, TWO, new long[] {-1}, "negative stride");
    assertOne(2, 0, TWO, new long[] {1, 1}, "do not fit its shape");
    assertOne(2, 0, new long[] {1L << 62, 4}, new long[] {1, 1}, "impossible shape");
    assertOne(2, 0, new long[] {2, 2}, new long[] {1L << 61, 1L << 61}, "reaches element");
    assertOne(2, 0, new long[] {5, 2}, new long[] {1L << 62, 1L << 62}, "impossible shape");
    assertOne(2, 0, new long[] {1L << 40}, new long[] {0}, "repeats elements of its storage");
    assertOne(2, 0, new long[65], new long[65], "65 dimensions");
    assertOne(3, 0, TWO, ONE, "storage '0' of 3 F32, which has 8 bytes");
    assertOne(Long.MAX_VALUE, 0, TWO, ONE, "which has 8 bytes");
    assertOne(-1, 0, TWO, ONE, "reaches element");
    assertOne(0x2000_0000_0000_0002L, 0, TWO, ONE, "which has 8 bytes"); // times 4 is 8 in 64 bits
    byte[] elsewhere = PickleBytes.one("w", "../data.pkl", 2, 0, TWO, ONE);
    assertRefused(folder, archive(elsewhere), "lies in storage '../data.pkl', which is missing");
  }

  private void assertOne(long elements, long offset, long[] size, long[] stride, String message) throws IOException {
    byte[] archive = archive(PickleBytes.one("w", "0", elements, offset, size, stride));
    if (message == null) {
      Path file = folder.resolve("good.bin");
      Files.write(file, archive);
      try (Checkpoint checkpoint = Checkpoint.open(file);
          Mapped data = checkpoint.map("w")) {
        assertThat(data.segment().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 2);
      }
    } else {
      assertRefused(folder, archive, message);
    }
  }

  @Test
  void readsZip64() throws Exception {
    Path file = folder.resolve("wide.bin");
    Files.write(file, members(PickleBytes.one("w", "0", 2, 0, TWO, ONE)).array64());
    try (Checkpoint checkpoint = Checkpoint.open(file);
        Mapped data = checkpoint.map("w")) {
      assertThat(data.segment().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 2);
    }
  }

  @Test
  void refusesArchivesThatLie() throws IOException {
    byte[] good = archive(PickleBytes.one("w", "0", 2, 0, TWO, ONE));
    assertRefused(folder, Arrays.copyOf(good, good.length - 1), "zip directory: is missing at the end");
    assertRefused(folder, Arrays.copyOf(good, 100), "zip directory: is missing at the end");
    byte[] pickle = PickleBytes.one("w", "0", 2, 0, TWO, ONE);
    assertRefused(folder, members(pickle).arrayClaiming(9999, 200, 0), "claims 9999 members");
    assertRefused(folder, members(pickle).arrayClaiming(3, 0xffff_fffeL, 0), "not before its end record");
    assertRefused(folder, members(pickle).arrayClaiming(3, 200, 0xffff_fff0L), "not before its end record");
    assertRefused(folder, members(pickle).arrayClaiming(3, 0xffff_ffffL, 0), "needs a zip64 locator");
    assertRefused(folder, members(pickle).arrayClaiming(3, 150, 1), "member 0 of 3 is not where it should be");
    assertRefused(folder, members(pickle).add("m/data.pkl", new byte[1]).array(), "names 'm/data.pkl' twice");
    assertRefused(folder, members(pickle).add("n/data.pkl", new byte[1]).array(), "data.pkl: is there twice");
    assertRefused(folder, new ZipBytes().add("hello.txt", new byte[3]).array(), "data.pkl: is not in the archive");
    assertRefused(folder, new ZipBytes().add("m/data.pkl", pickle, 1 << 30, 0, 0).array(), "data.pkl");
    assertRefused(folder, new ZipBytes().add("m/data.pkl", pickle, pickle.length, 0, 1).array(), "is encrypted");
    assertRefused(
        folder,
        new ZipBytes().add("m/data.pkl", pickle, pickle.length, 8, 0).array(),
        "zip member 'm/data.pkl': is compressed, so that it cannot be mapped; save the model with torch.save");
    byte[] big = members(pickle).add("m/byteorder", "big".getBytes(StandardCharsets.US_ASCII)).array();
    assertRefused(folder, big, "byteorder: is not little-endian");
  }

  @Test
  void refusesEveryTruncation() throws Exception {
    byte[] whole = Files.readAllBytes(Hostile.resource("state.bin"));
    Path file = folder.resolve("cut.bin");
    for (int length = 0; length < whole.length; length += 37) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertRefused(file);
    }
  }

  @Test
  void aFileCutAfterOpeningIsNoticedWhereItIsCopied() throws Exception {
    Path file = folder.resolve("shrinks.bin");
    Files.copy(Hostile.resource("state.bin"), file);
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      Files.write(file, new byte[10]);
      for (String name : new String[] {"transposed", "f32", "odd"}) {
        assertThatThrownBy(() -> checkpoint.map(name))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining("the file was cut while it was read");
      }
    }
  }

  private static byte[] archive(byte[] pickle) {
    return members(pickle).array();
  }

  private static ZipBytes members(byte[] pickle) {
    byte[] data = new Bytes().u32(Float.floatToIntBits(1)).u32(Float.floatToIntBits(2)).array();
    return new ZipBytes().add("m/data.pkl", pickle).add("m/data/0", data);
  }
}
