package io.garut.system.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What README.md shows, and what the consumer's files have between the markers {@code README:} and {@code :README}. */
final class ReadmeLines {
  /** The folder that holds README.md and the modules. */
  static final Path ROOT = Path.of(System.getProperty("garut.root")).toAbsolutePath().normalize();

  /** The consumer's sources. */
  static final Path CONSUMER = ROOT.resolve("src/test/consumer");

  private static final Pattern MARKED = Pattern.compile("README:[^\n]*\n(.*?)\n[^\n]*:README", Pattern.DOTALL);

  private ReadmeLines() {}

  /** README.md. */
  static String text() {
    return read(ROOT.resolve("README.md"));
  }

  /** The blocks of README.md in {@code language}, in order. */
  static List<String> blocks(String language) {
    return all(Pattern.compile("^```" + language + "\n(.*?)\n```$", Pattern.DOTALL | Pattern.MULTILINE), text());
  }

  /** The marked lines of a file of the consumer, without the indentation that all have. */
  static String marked(String file) {
    List<String> found = all(MARKED, read(CONSUMER.resolve(file)));
    if (found.size() != 1) {
      throw new AssertionError(file + " has " + found.size() + " regions between README: and :README instead of one");
    }
    return found.getFirst().stripIndent();
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
