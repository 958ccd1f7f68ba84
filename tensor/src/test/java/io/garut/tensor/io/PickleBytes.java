package io.garut.tensor.io;

import java.nio.charset.StandardCharsets;

/** Assembles a pickle opcode by opcode, in the order in which torch.save does. */
final class PickleBytes {
  private final Bytes code = new Bytes();

  /** A pickle of protocol 2. */
  static PickleBytes protocol2() {
    PickleBytes pickle = new PickleBytes();
    pickle.code.u8(0x80, 2);
    return pickle;
  }

  PickleBytes op(int... opcodes) {
    code.u8(opcodes);
    return this;
  }

  PickleBytes mark() {
    return op('(');
  }

  PickleBytes global(String module, String name) {
    code.u8('c').text(module + "\n" + name + "\n");
    return this;
  }

  PickleBytes text(String value) {
    code.u8('X').u32(value.getBytes(StandardCharsets.UTF_8).length).text(value);
    return this;
  }

  /** A number, as LONG1 of 8 bytes. */
  PickleBytes number(long value) {
    code.u8(0x8a, 8).u64(value);
    return this;
  }

  PickleBytes numbers(long... values) {
    mark();
    for (long value : values) {
      number(value);
    }
    return op('t');
  }

  /** A storage's persistent id. */
  PickleBytes storage(String type, String key, long elements) {
    mark().text("storage").global("torch", type).text(key).text("cpu").number(elements);
    return op('t', 'Q');
  }

  /** A tensor over storage {@code key} of {@code elements} elements. */
  PickleBytes tensor(String type, String key, long elements, long offset, long[] size, long[] stride) {
    global("torch._utils", "_rebuild_tensor_v2").mark().storage(type, key, elements).number(offset);
    numbers(size).numbers(stride).op(0x89);
    return global("collections", "OrderedDict").op(')', 'R', 't', 'R');
  }

  /** A whole pickle of a dictionary of one F32 tensor. */
  static byte[] one(String name, String key, long elements, long offset, long[] size, long[] stride) {
    PickleBytes pickle = protocol2().op('}').mark().text(name);
    return pickle.tensor("FloatStorage", key, elements, offset, size, stride).op('u', '.').array();
  }

  byte[] array() {
    return code.array();
  }
}
