package io.garut.transformer.convert;

import io.garut.tensor.io.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder that appears whole: it is filled under another name beside its place, and renamed at the end. Closed without
 * {@link #commit}, it leaves nothing behind. Into a folder that is there already the files are moved one by one.
 */
final class StagedFolder implements AutoCloseable {
  /** Weights that readers would find beside, or prefer to, the new ones. */
  private static final Pattern OLD_WEIGHTS =
      Pattern.compile("(model|pytorch_model)(-\\d+-of-\\d+)?\\.(safetensors|bin)(\\.index\\.json)?");

  private final Path target;
  private final Path temporary;

  private StagedFolder(Path target, Path temporary) {
    this.target = target;
    this.temporary = temporary;
  }

  /**
   * Begins {@code target}.
   *
   * @throws CheckpointException if its parent cannot be written to
   */
  static StagedFolder create(Path target) throws CheckpointException {
    Path whole = target.toAbsolutePath().normalize();
    String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path temporary = whole.resolveSibling("." + whole.getFileName() + "." + suffix + ".part");
    try {
      Files.createDirectories(temporary);
      return new StagedFolder(whole, temporary);
    } catch (IOException e) {
      throw new CheckpointException(
          target, "writing", "cannot be created (" + e.getClass().getSimpleName() + ")", "choose another place", e);
    }
  }

  /** Where to put the files. */
  Path path() {
    return temporary;
  }

  /**
   * Makes the folder appear.
   *
   * @throws CheckpointException if the file system refuses
   */
  void commit() throws CheckpointException {
    try {
      if (Files.exists(target)) {
        for (Path old : list(target)) {
          if (OLD_WEIGHTS.matcher(old.getFileName().toString()).matches()) {
            Files.delete(old);
          }
        }
        for (Path file : list(temporary)) {
          Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
      } else {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new CheckpointException(target, "writing", "cannot be put in its place (" + e + ")", "check the disk", e);
    }
  }

  /** Removes what has not been committed. */
  @Override
  public void close() {
    try {
      if (Files.exists(temporary)) {
        for (Path file : list(temporary)) {
          Files.delete(file);
        }
        Files.delete(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + temporary, e);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
