package io.garut.transformer.convert;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder that appears whole: it is filled under another name beside its place, and renamed at the end. Closed without
 * {@link #commit}, it leaves nothing behind. In a folder that is there already, the files of the model that it held are
 * set aside, then the new ones are moved in, then the old ones deleted; what else it holds stays. Should a move fail,
 * those before it are taken back.
 */
public final class StagedFolder implements AutoCloseable {
  private static final Pattern WEIGHTS =
      Pattern.compile("(model|pytorch_model)(-\\d+-of-\\d+)?\\.(safetensors|bin)(\\.index\\.json)?");

  private final Path target;
  private final Path temporary;
  private final Path aside;

  private StagedFolder(Path target, Path temporary, Path aside) {
    this.target = target;
    this.temporary = temporary;
    this.aside = aside;
  }

  /**
   * Begins {@code target}.
   *
   * @throws CheckpointException if its parent cannot be written to
   */
  public static StagedFolder create(Path target) throws CheckpointException {
    Path whole = target.toAbsolutePath().normalize();
    String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path temporary = whole.resolveSibling("." + whole.getFileName() + "." + suffix + ".part");
    try {
      Files.createDirectories(temporary);
      Path aside = whole.resolveSibling("." + whole.getFileName() + "." + suffix + ".old");
      return new StagedFolder(whole, temporary, aside);
    } catch (IOException e) {
      throw new CheckpointWriteException(
          target, "cannot be created (" + e.getClass().getSimpleName() + ")", "choose another place", e);
    }
  }

  /** Where to put the files. */
  public Path path() {
    return temporary;
  }

  /**
   * Makes the folder appear.
   *
   * @throws CheckpointException if the file system refuses
   */
  public void commit() throws CheckpointException {
    try {
      if (Files.exists(target)) {
        replace();
      } else {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new CheckpointWriteException(target, "cannot be put in its place (" + e + ")", "check the disk", e);
    }
  }

  private record Move(Path from, Path to) {
    void run() throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void replace() throws IOException {
    Files.createDirectory(aside);
    Deque<Move> done = new ArrayDeque<>();
    try {
      for (Path old : list(target)) {
        if (belongsToModel(old.getFileName().toString())) {
          move(new Move(old, aside.resolve(old.getFileName())), done);
        }
      }
      for (Path file : list(temporary)) {
        move(new Move(file, target.resolve(file.getFileName())), done);
      }
    } catch (IOException e) {
      takeBack(done, e);
      throw e;
    }
    delete(aside);
  }

  private static void move(Move move, Deque<Move> done) throws IOException {
    move.run();
    done.push(move);
  }

  private void takeBack(Deque<Move> done, IOException why) {
    try {
      for (Move move : done) { // the last one first
        new Move(move.to(), move.from()).run();
      }
      Files.delete(aside);
    } catch (IOException e) {
      why.addSuppressed(new IOException("what was there before is in " + aside, e));
    }
  }

  /** Whether readers would take a file of this name for a part of the model. */
  private static boolean belongsToModel(String name) {
    return WEIGHTS.matcher(name).matches() || HubFiles.NAMES.contains(name);
  }

  /** Removes what has not been committed. */
  @Override
  public void close() {
    try {
      if (Files.exists(temporary)) {
        delete(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + temporary, e);
    }
  }

  private static void delete(Path folder) throws IOException {
    for (Path file : list(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
