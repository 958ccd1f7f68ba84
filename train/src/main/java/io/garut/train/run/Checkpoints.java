package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.DiskSpace;
import io.garut.tensor.io.file.AtomicFile;
import io.garut.tensor.io.file.FileBytes;
import io.garut.train.StepGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of checkpoints, {@code checkpoint-200}, {@code checkpoint-400} and so on: each holds a model that others load too,
 * the optimizer's memory ({@code optimizer.safetensors}), what else a run goes on from ({@code trainer_state.json}), and the
 * checksums of all that ({@code checksums.json}).
 *
 * <p>A checkpoint is written under another name, brought to the disk, and renamed: whatever happens meanwhile, those before it
 * stay, and there is no half one of its name. Older ones are removed only when a newer one is complete. For one thread, and for
 * one run at a time: the folder is locked until this is closed.
 */
public final class Checkpoints implements AutoCloseable {
  static final String PART = "part";
  private static final String PREFIX = "checkpoint-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})");

  /** What a save or a removal that was killed leaves behind; an adapter is put together beside its place in turn. */
  private static final Pattern LEFTOVER =
      Pattern.compile("\\.+" + PREFIX + "\\d{1,18}(\\.[0-9a-f]{16}\\.(part|old))+");

  private final Path folder;
  private final int keep;
  private final FolderLock lock;
  private final Set<Path> damaged = new HashSet<>();
  private Preparation preparation = () -> {};

  /** What has to be on the disk before a checkpoint is. */
  interface Preparation {
    void run() throws CheckpointException;
  }

  private Checkpoints(Path folder, int keep, FolderLock lock) {
    this.folder = folder;
    this.keep = keep;
    this.lock = lock;
  }

  /**
   * Takes {@code folder}, which is made if need be.
   *
   * @param keep how many checkpoints may be there, 1 at least; Dolly's makers kept 20
   * @throws CheckpointException if another run has it, or it cannot be written to
   */
  public static Checkpoints open(Path folder, int keep) throws CheckpointException {
    if (keep < 1) {
      throw new IllegalArgumentException("a run keeps 1 checkpoint or more, not " + keep);
    }
    return new Checkpoints(folder, keep, FolderLock.take(folder));
  }

  /** The checkpoint of {@code step} in {@code folder}, which may be there or not. */
  public static StoredCheckpoint stored(Path folder, long step) {
    return new StoredCheckpoint(place(folder, step), step);
  }

  /** Lets {@code further} run at the beginning of each save. */
  void beforeSaving(Preparation further) {
    preparation = further;
  }

  /**
   * All checkpoints in {@code folder}, good or bad, the oldest first.
   *
   * @throws CheckpointException if the folder cannot be read
   */
  public static List<StoredCheckpoint> list(Path folder) throws CheckpointException {
    List<StoredCheckpoint> all = new ArrayList<>();
    for (Path path : children(folder)) {
      Matcher name = NAME.matcher(path.getFileName().toString());
      if (name.matches() && Files.isDirectory(path)) {
        all.add(new StoredCheckpoint(path, Long.parseLong(name.group(1))));
      }
    }
    all.sort(Comparator.comparingLong(StoredCheckpoint::step));
    return all;
  }

  /**
   * Looks for the newest checkpoint all of whose files are as they were written. Reads all of it.
   *
   * @throws CheckpointException if the folder cannot be read
   */
  public CheckpointSearch latestGood() throws CheckpointException {
    List<CheckpointSearch.PassedOver> passedOver = new ArrayList<>();
    for (StoredCheckpoint checkpoint : list(folder).reversed()) {
      Optional<String> problem = Checksums.problem(checkpoint.folder());
      if (problem.isEmpty()) {
        return new CheckpointSearch(Optional.of(checkpoint), passedOver);
      }
      damaged.add(checkpoint.folder());
      passedOver.add(new CheckpointSearch.PassedOver(checkpoint.folder(), problem.get()));
    }
    return new CheckpointSearch(Optional.empty(), passedOver);
  }

  /**
   * Writes a checkpoint, then removes the oldest ones if there are more than may be kept. One of the same step is replaced.
   *
   * @throws CheckpointException if that fails, in one sentence; earlier checkpoints stay as they are, nothing is left of this
   *     one unless the message says that it is whole
   */
  public StoredCheckpoint save(Snapshot snapshot) throws CheckpointException {
    long step = snapshot.state().trainer().step();
    Path target = place(folder, step);
    StepGroup group = snapshot.group();
    Path aside = aside(target, group.fromFirst(ThreadLocalRandom.current().nextLong()), PART);
    Together together = new Together(group, target);
    try {
      together.run(() -> {
        preparation.run();
        removeLeftovers();
        DiskSpace.require(target, snapshot.bytes());
        Files.createDirectory(aside);
        snapshot.writeCommon(aside);
      });
      together.run(() -> snapshot.writeParts(aside));
      together.run(() -> {
        Checksums.seal(aside);
        appear(aside, target);
      });
    } catch (CheckpointException e) {
      removeAfter(e, aside);
      throw e;
    } catch (RuntimeException | Error e) {
      removeAfter(e, aside);
      throw e;
    }
    damaged.remove(target);
    removeOld(step);
    return new StoredCheckpoint(target, step);
  }

  /** Where the checkpoint of {@code step} lies in {@code folder}. */
  static Path place(Path folder, long step) {
    return folder.resolve(PREFIX + step);
  }

  private void appear(Path aside, Path target) throws IOException {
    if (!Files.exists(target)) {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } else { // a damaged one, or one of a run that came this far before
      Path old = aside(target);
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      try {
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
        throw e;
      }
      delete(old);
    }
    AtomicFile.syncFolder(folder);
  }

  private static void removeAfter(Throwable why, Path aside) {
    try {
      if (Files.exists(aside)) {
        delete(aside);
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  /** Good ones count; bad ones go with the good ones that are as old. */
  private void removeOld(long newest) throws CheckpointException {
    int good = 0;
    for (StoredCheckpoint checkpoint : list(folder).reversed()) {
      boolean counts = checkpoint.step() <= newest && !damaged.contains(checkpoint.folder());
      if (good == keep) {
        remove(checkpoint.folder());
      } else if (counts) {
        good++;
      }
    }
  }

  /** Renames it first: killed half-way, it is a leftover and no damaged checkpoint. */
  private void remove(Path checkpoint) throws CheckpointException {
    Path old = aside(checkpoint);
    try {
      Files.move(checkpoint, old, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    } catch (IOException e) {
      throw new CheckpointWriteException(
          checkpoint, "cannot be removed (" + describe(e) + "); newer ones are whole", "remove it by hand", e);
    }
  }

  private void removeLeftovers() throws CheckpointException {
    for (Path path : children(folder)) {
      if (LEFTOVER.matcher(path.getFileName().toString()).matches()) {
        try {
          delete(path);
        } catch (IOException e) {
          throw new CheckpointWriteException(path, "cannot be removed (" + describe(e) + ")", "remove it by hand", e);
        }
      }
    }
  }

  private static Path aside(Path checkpoint) {
    return aside(checkpoint, ThreadLocalRandom.current().nextLong(), "old");
  }

  static Path aside(Path checkpoint, long number, String suffix) {
    String random = HexFormat.of().toHexDigits(number);
    return checkpoint.resolveSibling("." + checkpoint.getFileName() + "." + random + "." + suffix);
  }

  private static void delete(Path tree) throws IOException {
    List<Path> paths;
    try (Stream<Path> all = Files.walk(tree)) {
      paths = all.toList();
    }
    for (Path path : paths.reversed()) {
      Files.delete(path);
    }
  }

  private static List<Path> children(Path folder) throws CheckpointException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.toList();
    } catch (IOException | UncheckedIOException e) {
      throw new CheckpointException(folder, "listing", "cannot be read (" + e + ")", "check the path and its disk", e);
    }
  }

  static String describe(IOException e) {
    return e.getClass().getSimpleName() + ": " + FileBytes.describe(e);
  }

  @Override
  public void close() {
    lock.close();
  }
}
