package io.garut.tensor.io.torch;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.file.FileBytes;
import io.garut.tensor.io.file.Utf8;
import io.garut.tensor.io.torch.Pickled.Atom;
import io.garut.tensor.io.torch.Pickled.Dict;
import io.garut.tensor.io.torch.Pickled.Flag;
import io.garut.tensor.io.torch.Pickled.Int;
import io.garut.tensor.io.torch.Pickled.Items;
import io.garut.tensor.io.torch.Pickled.Name;
import io.garut.tensor.io.torch.Pickled.Text;
import io.garut.tensor.io.torch.Pickled.Tuple;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickles that {@code torch.save} writes for a dictionary of tensors, and refuses all others.
 *
 * <p>It knows the opcodes below, of protocols 2 to 4, and the names in {@link Name#of}. Time and memory are bounded by
 * {@link #MOST_STEPS}: each opcode makes at most one object, and copies at most what it takes from the stack. Nothing
 * here recurses, so that nesting costs nothing.
 *
 * @see <a href="https://github.com/python/cpython/blob/main/Lib/pickletools.py">pickletools: the opcodes</a>
 */
final class Unpickler {
  /** Enough for 50,000 tensors. */
  static final int MOST_STEPS = 2_000_000;

  /** Objects on the stack at a time, and remembered at a time. */
  static final int MOST_OBJECTS = 1_000_000;

  private static final int MOST_NAME_BYTES = 256;

  private final FileBytes file;
  private final String place;
  private final ByteBuffer code;
  private final ArrayList<Pickled> stack = new ArrayList<>();
  private final Map<Integer, Pickled> memo = new HashMap<>();

  private int opcodeAt;

  private Unpickler(FileBytes file, String place, byte[] code) {
    this.file = file;
    this.place = place;
    this.code = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads the object that {@code code} describes.
   *
   * @param file the archive, for messages
   * @param place the pickle's name in it
   * @throws CheckpointException if the pickle is damaged, or is more than a description of tensors
   */
  static Pickled read(FileBytes file, String place, byte[] code) throws CheckpointException {
    return new Unpickler(file, place, code).run();
  }

  private Pickled run() throws CheckpointException {
    for (int step = 0; step < MOST_STEPS; step++) {
      opcodeAt = code.position();
      int opcode = u8();
      if (opcode == '.') { // STOP
        Pickled result = pop();
        if (!stack.isEmpty()) {
          throw bad("ends with " + stack.size() + " objects left over");
        }
        return result;
      }
      execute(opcode);
      if (stack.size() > MOST_OBJECTS || memo.size() > MOST_OBJECTS) {
        throw bad("holds more than " + MOST_OBJECTS + " objects");
      }
    }
    throw bad("takes more than " + MOST_STEPS + " steps");
  }

  private void execute(int opcode) throws CheckpointException {
    switch (opcode) {
      case 0x80 -> protocol();
      case 0x95 -> code(8).getLong(); // FRAME: a hint for readers of streams
      case '(' -> push(Atom.MARK);
      case 'N' -> push(Atom.NONE);
      case 0x88 -> push(new Flag(true));
      case 0x89 -> push(new Flag(false));
      case 'J' -> push(new Int(code(4).getInt())); // BININT
      case 'K' -> push(new Int(u8())); // BININT1
      case 'M' -> push(new Int(Short.toUnsignedInt(code(2).getShort()))); // BININT2
      case 0x8a -> push(new Int(long1()));
      case 'X' -> push(new Text(text(code(4).getInt()))); // BINUNICODE
      case 0x8c -> push(new Text(text(u8()))); // SHORT_BINUNICODE
      case '}' -> push(new Dict(new LinkedHashMap<>()));
      case ']' -> push(new Items(new ArrayList<>()));
      case ')' -> push(new Tuple(List.of()));
      case 0x85 -> push(new Tuple(take(1)));
      case 0x86 -> push(new Tuple(take(2)));
      case 0x87 -> push(new Tuple(take(3)));
      case 't' -> push(new Tuple(takeToMark())); // TUPLE
      case 's' -> setItems(take(2)); // SETITEM
      case 'u' -> setItems(takeToMark()); // SETITEMS
      case 'a' -> append(take(1)); // APPEND
      case 'e' -> append(takeToMark()); // APPENDS
      case 'q' -> memo.put(u8(), top()); // BINPUT
      case 'r' -> memo.put(code(4).getInt(), top()); // LONG_BINPUT
      case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
      case 'h' -> push(recall(u8())); // BINGET
      case 'j' -> push(recall(code(4).getInt())); // LONG_BINGET
      case 'c' -> push(name(line(), line())); // GLOBAL
      case 0x93 -> stackGlobal();
      case 'Q' -> push(Rebuild.storage(this, pop())); // BINPERSID
      case 'R' -> reduce();
      case 'b' -> build();
      default ->
          throw refused(
              String.format("uses opcode 0x%02x, which no description of tensors needs", opcode),
              "save the tensors alone: torch.save(model.state_dict(), file)");
    }
  }

  private void protocol() throws CheckpointException {
    int version = u8();
    if (version < 2 || version > 4) {
      throw bad("is of pickle protocol " + version + "; torch.save writes 2");
    }
  }

  private void stackGlobal() throws CheckpointException {
    List<Pickled> names = take(2);
    if (!(names.get(0) instanceof Text module) || !(names.get(1) instanceof Text name)) {
      throw bad("names a class or function by something that is not a string");
    }
    push(name(module.value(), name.value()));
  }

  private Pickled name(String module, String name) throws CheckpointException {
    Name known = Name.of(module, name).orElse(null);
    if (known == null) {
      throw refused(
          "names " + CheckpointException.quote(module + "." + name) + ", which Python would import and may run as code;"
              + " Garut reads descriptions of tensors only",
          "do not load this file with Python unless you trust it; save a state dict of plain tensors");
    }
    return known;
  }

  private void reduce() throws CheckpointException {
    List<Pickled> call = take(2);
    if (!(call.get(0) instanceof Name name) || !(call.get(1) instanceof Tuple arguments)) {
      throw bad("calls " + call.get(0).kind() + " with " + call.get(1).kind());
    }
    push(Rebuild.value(this, name, arguments.items()));
  }

  /** An OrderedDict's attributes, such as the {@code _metadata} of a state dict, say nothing about tensors. */
  private void build() throws CheckpointException {
    Pickled state = pop();
    if (!(top() instanceof Dict) || !(state instanceof Dict)) {
      throw refused(
          "sets the state of " + top().kind(), "save the tensors alone: torch.save(model.state_dict(), file)");
    }
  }

  private void setItems(List<Pickled> pairs) throws CheckpointException {
    if (!(top() instanceof Dict dict) || pairs.size() % 2 != 0) {
      throw bad("sets items of " + top().kind());
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      if (!(pairs.get(i) instanceof Text key)) {
        throw bad("has " + pairs.get(i).kind() + " for a key");
      }
      if (dict.items().put(key.value(), pairs.get(i + 1)) != null) {
        throw bad("sets key " + CheckpointException.quote(key.value()) + " twice");
      }
    }
  }

  private void append(List<Pickled> values) throws CheckpointException {
    if (!(top() instanceof Items list)) {
      throw bad("appends to " + top().kind());
    }
    list.items().addAll(values);
  }

  private void push(Pickled value) {
    stack.add(value);
  }

  private Pickled top() throws CheckpointException {
    if (stack.isEmpty() || stack.getLast() == Atom.MARK) {
      throw bad("takes an object from an empty stack");
    }
    return stack.getLast();
  }

  private Pickled pop() throws CheckpointException {
    Pickled top = top();
    stack.removeLast();
    return top;
  }

  private List<Pickled> take(int count) throws CheckpointException {
    int from = stack.size() - count;
    if (from < 0 || stack.subList(from, stack.size()).contains(Atom.MARK)) {
      throw bad("takes " + count + " objects from a stack of fewer");
    }
    return cut(from);
  }

  private List<Pickled> takeToMark() throws CheckpointException {
    int mark = stack.size() - 1;
    while (mark >= 0 && stack.get(mark) != Atom.MARK) {
      mark--;
    }
    if (mark < 0) {
      throw bad("takes objects down to a mark that was not set");
    }
    List<Pickled> taken = cut(mark + 1);
    stack.removeLast();
    return taken;
  }

  private List<Pickled> cut(int from) {
    List<Pickled> end = stack.subList(from, stack.size());
    List<Pickled> taken = List.copyOf(end);
    end.clear();
    return taken;
  }

  private Pickled recall(int index) throws CheckpointException {
    Pickled value = memo.get(index);
    if (value == null) {
      throw bad("recalls object " + Integer.toUnsignedString(index) + ", which was not remembered");
    }
    return value;
  }

  private int u8() throws CheckpointException {
    return Byte.toUnsignedInt(code(1).get());
  }

  private long long1() throws CheckpointException {
    int length = u8();
    if (length > 8) {
      throw bad("holds a number of " + length + " bytes");
    }
    long value = 0;
    ByteBuffer bytes = code(length);
    for (int i = 0; i < length; i++) {
      value |= (bytes.get() & 0xffL) << 8 * i;
    }
    return length == 0 ? 0 : value << 64 - 8 * length >> 64 - 8 * length; // the last byte carries the sign
  }

  private String text(int length) throws CheckpointException {
    int start = code(length).position();
    code.position(start + length);
    return text(start, length);
  }

  private String line() throws CheckpointException {
    int start = code.position();
    int end = start;
    while (end < code.limit() && code.get(end) != '\n') {
      end++;
    }
    if (end == code.limit() || end - start > MOST_NAME_BYTES) {
      throw bad("names a class or function without end");
    }
    code.position(end + 1);
    return text(start, end - start);
  }

  private String text(int start, int length) throws CheckpointException {
    try {
      return Utf8.decode(code.array(), start, length);
    } catch (CharacterCodingException e) {
      throw (CheckpointException) bad("holds a string that is not UTF-8").initCause(e);
    }
  }

  /** The pickle, once it is known that {@code length} more bytes are there. */
  private ByteBuffer code(int length) throws CheckpointException {
    if (length < 0 || length > code.remaining()) {
      throw bad("ends too early: " + Integer.toUnsignedString(length) + " more bytes are needed");
    }
    return code;
  }

  /** An exception about the current opcode of a pickle that contradicts itself. */
  CheckpointException bad(String what) {
    return file.damaged(place + ", byte " + opcodeAt, what);
  }

  /** An exception about the current opcode, with a remedy. */
  CheckpointException refused(String what, String remedy) {
    return file.refused(place + ", byte " + opcodeAt, what, remedy);
  }
}
