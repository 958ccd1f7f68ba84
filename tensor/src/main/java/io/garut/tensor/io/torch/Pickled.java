package io.garut.tensor.io.torch;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a pickle of tensors may hold: plain data, all of it, and inert. */
sealed interface Pickled {
  /** What it is, for messages. */
  String kind();

  /** Python's None, and a mark on the stack. */
  enum Atom implements Pickled {
    NONE,
    MARK;

    @Override
    public String kind() {
      return this == NONE ? "None" : "a mark";
    }
  }

  /** A string. */
  record Text(String value) implements Pickled {
    @Override
    public String kind() {
      return "a string";
    }
  }

  /** A whole number of at most 64 bits. */
  record Int(long value) implements Pickled {
    @Override
    public String kind() {
      return "a number";
    }
  }

  /** True or False. */
  record Flag(boolean value) implements Pickled {
    @Override
    public String kind() {
      return "a truth value";
    }
  }

  /** A tuple, or a torch.Size. */
  record Tuple(List<Pickled> items) implements Pickled {
    @Override
    public String kind() {
      return "a tuple";
    }
  }

  /** A list; grows while it is read. */
  record Items(List<Pickled> items) implements Pickled {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A dictionary with strings as keys, ordered or not; grows while it is read. */
  record Dict(Map<String, Pickled> items) implements Pickled {
    @Override
    public String kind() {
      return "a dictionary";
    }
  }

  /** A storage: {@code elements} of {@code type} in the archive's member {@code data/<key>}. */
  record Storage(StorageType type, String key, long elements) implements Pickled {
    @Override
    public String kind() {
      return "a storage";
    }
  }

  /** A tensor: a view of a storage. Offset and strides are in elements. */
  record Tensor(Storage storage, long offset, long[] size, long[] stride) implements Pickled {
    @Override
    public String kind() {
      return "a tensor";
    }
  }

  /** A name that the pickle may use, and what it stands for. */
  record Name(Meaning meaning, Optional<StorageType> storage) implements Pickled {
    /**
     * The name {@code module.name}, if it is on the list.
     *
     * <p>These are all. Python would import and call whatever else a pickle names; this reader has nothing to call.
     */
    static Optional<Name> of(String module, String name) {
      for (StorageType type : StorageType.values()) {
        if (module.equals("torch") && name.equals(type.name())) {
          return Optional.of(new Name(Meaning.STORAGE_TYPE, Optional.of(type)));
        }
      }
      return switch (module + " " + name) {
        case "collections OrderedDict" -> Optional.of(new Name(Meaning.ORDERED_DICT, Optional.empty()));
        case "torch Size" -> Optional.of(new Name(Meaning.SIZE, Optional.empty()));
        case "torch._utils _rebuild_tensor_v2" -> Optional.of(new Name(Meaning.TENSOR, Optional.empty()));
        case "torch._utils _rebuild_parameter" -> Optional.of(new Name(Meaning.PARAMETER, Optional.empty()));
        default -> Optional.empty();
      };
    }

    @Override
    public String kind() {
      return "the name of a class or function";
    }
  }

  /** What a {@link Name} stands for. */
  enum Meaning {
    ORDERED_DICT,
    SIZE,
    TENSOR,
    PARAMETER,
    STORAGE_TYPE
  }
}
