package io.garut.train.run;

import io.garut.tensor.Tensor;
import io.garut.tensor.io.Checkpoint;
import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.Entry;
import io.garut.tensor.io.Mapped;
import io.garut.train.Trainer;
import io.garut.train.optim.Optimization;
import io.garut.train.optim.Owned;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Brings what a trainer has of its parameters and of its optimizer's memory back from a checkpoint. */
final class PartReader {
  private static final String REMEDY = "go on with the settings that the run began with, or begin a new one";

  private final Path folder;
  private final PartIndex index;
  private final List<Target> targets = new ArrayList<>();
  private final List<Owned> ofModel = new ArrayList<>(); // what the model's files have only
  private final Set<String> names = new HashSet<>();

  /**
   * What is to be read.
   *
   * @param from the first element
   * @param elements of the whole tensor
   */
  private record Target(String name, long from, Tensor part, long elements) {}

  PartReader(Path folder, PartIndex index, Trainer trainer) {
    this.folder = folder;
    this.index = index;
    for (Optimization.Memory memory : trainer.optimization().memory()) {
      Owned owned = memory.owned();
      long elements = owned.isWhole() ? memory.tensor().elements() : owned.parameter().elements();
      String name = memory.kind() + "." + owned.parameter().name();
      targets.add(new Target(name, owned.from(), memory.tensor(), elements));
    }
    for (Tensor parameter : trainer.parameters()) {
      if (parameter.storage().isPlain()) {
        parameter(Owned.whole(parameter));
      }
    }
    for (Owned owned : trainer.optimization().parts()) {
      if (!owned.parameter().storage().isPlain()) {
        parameter(owned);
      }
    }
    List<String> kinds = new ArrayList<>(trainer.optimization().kinds());
    kinds.add(Snapshot.PARAMETER);
    trainer.parameters().forEach(parameter -> kinds.forEach(kind -> names.add(kind + "." + parameter.name())));
  }

  private void parameter(Owned part) {
    String name = Snapshot.PARAMETER + "." + part.parameter().name();
    if (index.names().contains(name)) {
      targets.add(new Target(name, part.from(), part.part(), part.parameter().elements()));
    } else {
      ofModel.add(part);
    }
  }

  /**
   * Checks that all is there, and nothing else.
   *
   * @throws CheckpointException naming a tensor
   */
  void check() throws CheckpointException {
    for (String name : index.names()) {
      if (!names.contains(name)) {
        throw wrong(name, "is in the checkpoint, and this run has none");
      }
    }
    for (Target target : targets) {
      index.check(target.name, target.part.dtype(), target.elements);
    }
    if (!ofModel.isEmpty()) {
      try (Checkpoint model = Checkpoint.open(folder)) {
        for (Owned part : ofModel) {
          Tensor parameter = part.parameter();
          String name = parameter.name();
          if (!model.names().contains(name)) {
            throw wrong(name, "is not in the checkpoint, and this run has one");
          }
          Entry entry = model.entry(name);
          if (!entry.type().equals(parameter.dtype().name()) || !entry.shape().equals(parameter.shape())) {
            throw wrong(name, "is " + entry.type() + " " + entry.shape() + ", in this run " + parameter.spec());
          }
        }
      }
    }
  }

  /**
   * Reads what has been {@linkplain #check checked}.
   *
   * @throws CheckpointException if the files cannot be read
   */
  void read() throws CheckpointException {
    for (Target target : targets) {
      index.read(target.name, target.from, target.part);
    }
    if (!ofModel.isEmpty()) {
      try (Checkpoint model = Checkpoint.open(folder)) {
        for (Owned part : ofModel) {
          read(model, part);
        }
      }
    }
  }

  private static void read(Checkpoint model, Owned part) throws CheckpointException {
    Tensor to = part.part();
    try (Mapped stored = model.map(part.parameter().name())) {
      to.segment().copyFrom(stored.segment().asSlice(to.dtype().bytes(part.from()), to.spec().bytes()));
    }
  }

  private CheckpointException wrong(String name, String what) {
    return new CheckpointException(folder, "tensor " + CheckpointException.quote(name), what, REMEDY);
  }
}
