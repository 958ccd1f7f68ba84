package io.garut.train.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Finds out whether all ranks see the same folder: rank 0 puts a file there that the others must find. */
final class SharedFolder {
  private static final long PAUSE_MILLIS = 50;
  private static final Duration MOST = Duration.ofSeconds(10); // network file systems believe for seconds in what was not there

  private SharedFolder() {}

  /** Makes the folder if need be, and puts the file there; its name. */
  static String mark(Path folder) throws IOException {
    String name = ".seen-" + UUID.randomUUID();
    Files.createDirectories(folder);
    Files.createFile(folder.resolve(name));
    return name;
  }

  /** Why the file is not to be seen. */
  static Optional<String> problem(Path folder, String name) throws InterruptedException {
    return problem(folder, name, MOST);
  }

  static Optional<String> problem(Path folder, String name, Duration most) throws InterruptedException {
    long start = System.nanoTime();
    while (!Files.exists(folder.resolve(name))) {
      if (System.nanoTime() - start > most.toNanos()) {
        return Optional.of(
            "does not see what rank 0 wrote into the run's folder " + folder
                + ": name a folder on a file system that all executors have mounted at that place");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return Optional.empty();
  }

  /** Takes the file away again; nothing if {@code name} is empty. */
  static void unmark(Path folder, String name) throws IOException {
    if (!name.isEmpty()) {
      Files.deleteIfExists(folder.resolve(name));
    }
  }
}
