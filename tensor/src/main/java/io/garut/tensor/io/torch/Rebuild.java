package io.garut.tensor.io.torch;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.torch.Pickled.Atom;
import io.garut.tensor.io.torch.Pickled.Dict;
import io.garut.tensor.io.torch.Pickled.Flag;
import io.garut.tensor.io.torch.Pickled.Int;
import io.garut.tensor.io.torch.Pickled.Meaning;
import io.garut.tensor.io.torch.Pickled.Name;
import io.garut.tensor.io.torch.Pickled.Storage;
import io.garut.tensor.io.torch.Pickled.Tensor;
import io.garut.tensor.io.torch.Pickled.Text;
import io.garut.tensor.io.torch.Pickled.Tuple;
import java.util.LinkedHashMap;
import java.util.List;

/** What the allowed names make of their arguments. */
final class Rebuild {
  /** PyTorch's own limit. */
  static final int MOST_DIMENSIONS = 64;

  private Rebuild() {}

  /**
   * What Python's call {@code name(arguments)} would give.
   *
   * @throws CheckpointException if the arguments are not what PyTorch writes
   */
  static Pickled value(Unpickler at, Name name, List<Pickled> arguments) throws CheckpointException {
    return switch (name.meaning()) {
      case ORDERED_DICT -> {
        if (!arguments.isEmpty()) {
          throw at.bad("gives arguments to OrderedDict");
        }
        yield new Dict(new LinkedHashMap<>());
      }
      case SIZE -> {
        if (arguments.size() != 1 || !(arguments.getFirst() instanceof Tuple dims)) {
          throw at.bad("gives torch.Size something that is not a tuple");
        }
        yield dims;
      }
      case TENSOR -> tensor(at, arguments);
      case PARAMETER -> {
        if (arguments.isEmpty() || !(arguments.getFirst() instanceof Tensor tensor)) {
          throw at.bad("makes a parameter of something that is not a tensor");
        }
        yield tensor;
      }
      case STORAGE_TYPE -> throw at.bad("calls a storage class");
    };
  }

  /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])}. */
  private static Tensor tensor(Unpickler at, List<Pickled> arguments) throws CheckpointException {
    if (arguments.size() < 6
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Int offset)
        || !(arguments.get(2) instanceof Tuple size)
        || !(arguments.get(3) instanceof Tuple stride)
        || !(arguments.get(4) instanceof Flag)) {
      throw at.bad("describes a tensor in a way that PyTorch does not");
    }
    Pickled metadata = arguments.size() > 6 ? arguments.get(6) : Atom.NONE;
    boolean plain = metadata == Atom.NONE || metadata instanceof Dict marks && marks.items().isEmpty();
    if (!plain) {
      throw at.refused(
          "holds a tensor that is to be negated or conjugated when read", "save tensor.resolve_neg().resolve_conj()");
    }
    return new Tensor(storage, offset.value(), longs(at, size), longs(at, stride));
  }

  /** The storage that a persistent id {@code ('storage', class, key, location, elements)} names. */
  static Storage storage(Unpickler at, Pickled id) throws CheckpointException {
    if (!(id instanceof Tuple tuple)
        || tuple.items().size() != 5
        || !(tuple.items().get(0) instanceof Text kind && kind.value().equals("storage"))
        || !(tuple.items().get(1) instanceof Name name && name.meaning() == Meaning.STORAGE_TYPE)
        || !(tuple.items().get(2) instanceof Text key)
        || !(tuple.items().get(3) instanceof Text)
        || !(tuple.items().get(4) instanceof Int elements)) {
      throw at.bad("names a storage in a way that PyTorch does not");
    }
    return new Storage(name.storage().orElseThrow(), key.value(), elements.value());
  }

  private static long[] longs(Unpickler at, Tuple tuple) throws CheckpointException {
    if (tuple.items().size() > MOST_DIMENSIONS) {
      throw at.bad("describes a tensor of " + tuple.items().size() + " dimensions; PyTorch has " + MOST_DIMENSIONS);
    }
    long[] longs = new long[tuple.items().size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(tuple.items().get(i) instanceof Int number)) {
        throw at.bad("has a dimension or stride that is not a number");
      }
      longs[i] = number.value();
    }
    return longs;
  }
}
