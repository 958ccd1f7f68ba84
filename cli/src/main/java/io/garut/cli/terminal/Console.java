package io.garut.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** The three streams, and which of them people sit at. Results go to {@link #out}, everything else to {@link #err}. */
public final class Console {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final InputStream in;
  private final Witness witness;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Terminals terminals;
  private boolean quiet;

  /** Which of the streams are terminals. */
  public record Terminals(boolean in, boolean out, boolean err) {
    /** None of them. */
    public static final Terminals NONE = new Terminals(false, false, false);
  }

  /** Over these streams; {@code out} and {@code err} are flushed where it matters. */
  public Console(InputStream in, Writer out, Writer err, Terminals terminals) {
    this.in = in;
    this.witness = new Witness(out);
    this.out = new PrintWriter(witness);
    this.err = new PrintWriter(err);
    this.terminals = terminals;
  }

  /** The process's own. Pipes and files get UTF-8, terminals what they show. */
  public static Console system() {
    Terminals terminals = new Terminals(isTerminal(0), isTerminal(1), isTerminal(2));
    return new Console(
        System.in,
        new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), charset(terminals.out, "stdout.encoding")),
        new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), charset(terminals.err, "stderr.encoding")),
        terminals);
  }

  /** Java tells this of input and output together only; Linux of each. */
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(DESCRIPTORS.resolve(Integer.toString(descriptor))).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false);
    }
  }

  private static Charset charset(boolean terminal, String property) {
    return terminal ? Charset.forName(System.getProperty(property, "UTF-8")) : StandardCharsets.UTF_8;
  }

  /** Where results go. */
  public PrintWriter out() {
    return out;
  }

  /** Where notes, progress and errors go. */
  public PrintWriter err() {
    return err;
  }

  /** Which streams are terminals. */
  public Terminals terminals() {
    return terminals;
  }

  /** Whether only results and errors are wanted. */
  public boolean isQuiet() {
    return quiet;
  }

  /** Says whether only results and errors are wanted. */
  public void quiet(boolean wanted) {
    quiet = wanted;
  }

  /** Prints a piece of a result at once. */
  public void print(String piece) {
    out.print(piece);
    out.flush();
  }

  /** Whether results cannot be written any more. */
  public boolean isBroken() {
    return out.checkError();
  }

  /** Whether that is because whoever read them has gone, which is no news to anyone. */
  public boolean isAbandoned() {
    return trouble().toLowerCase(Locale.ROOT).contains("pipe"); // "Broken pipe", "The pipe is being closed"
  }

  /** Why results cannot be written any more, as the system says it; empty while they can. */
  public String trouble() {
    IOException first = witness.first;
    return first == null ? "" : String.valueOf(first.getMessage());
  }

  /** Remembers the first exception: a {@link PrintWriter} forgets what it was. */
  private static final class Witness extends FilterWriter {
    private volatile IOException first;

    Witness(Writer out) {
      super(out);
    }

    private interface Act {
      void run() throws IOException;
    }

    private void watch(Act act) throws IOException {
      try {
        act.run();
      } catch (IOException e) {
        first = first == null ? e : first;
        throw e;
      }
    }

    @Override
    public void write(int c) throws IOException {
      watch(() -> out.write(c));
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      watch(() -> out.write(text, offset, length));
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
      watch(() -> out.write(text, offset, length));
    }

    @Override
    public void flush() throws IOException {
      watch(out::flush);
    }
  }

  /** Prints a line for people who want to know how it went; not where the user wants quiet. */
  public void note(String line) {
    if (!quiet) {
      err.println(line);
      err.flush();
    }
  }

  /** The bytes of the input. */
  public InputStream in() {
    return in;
  }

  /**
   * All of the input, which must be UTF-8.
   *
   * @throws CharacterCodingException if it is not
   */
  public String readAll() throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(in.readAllBytes())).toString();
  }
}
