package io.garut.cli;

import io.garut.cli.bench.BenchCommand;
import io.garut.cli.command.ChatCommand;
import io.garut.cli.command.ConvertCommand;
import io.garut.cli.command.DevicesCommand;
import io.garut.cli.command.EvalCommand;
import io.garut.cli.command.GenerateCommand;
import io.garut.cli.command.InspectCommand;
import io.garut.cli.command.PerplexityCommand;
import io.garut.cli.command.QuantizeCommand;
import io.garut.cli.command.TokenizeCommand;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Interruption;
import io.garut.cli.training.ConsolidateCommand;
import io.garut.cli.training.FinetuneCommand;
import io.garut.cli.training.PretrainCommand;
import io.garut.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code garut}: reads the arguments and hands over to a sub-command. */
@Command(
    name = "garut",
    header = "Runs GPT-NeoX language models (Pythia, Dolly 2.0 and their kin) in pure Java.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Main.Version.class,
    footer = {
      "",
      "Examples:",
      "  garut generate --model tales-7m \"Once upon a time\"",
      "  garut chat --model dolly-v2-3b",
      "  garut quantize --model dolly-v2-3b --out dolly-v2-3b-q8_0.gguf",
      "",
      "garut COMMAND --help says more about each. GARUT_OPTS holds options for the JVM, such as -Xmx8g.",
      "Exit codes are those of sysexits.h: 64 usage, 65 bad data, 66 no input, 69 unavailable,"
          + " 70 a mistake of Garut's, 73 cannot create, 74 input or output failed; 130 after Ctrl-C."
    })
public final class Main implements Runnable {
  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean version;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error arose.")
  private boolean debug;

  private Main(Console console) {
    this.console = console;
  }

  /** Runs the command and exits with its code, as {@code sysexits} numbers them. */
  public static void main(String[] args) {
    System.exit(run(args, Console.system(), Interruption.ofProcess()));
  }

  /** Runs the command over {@code console}, and returns its exit code, whatever is thrown inside. */
  public static int run(String[] args, Console console, Interruption interruption) {
    Main main = new Main(console);
    int code;
    try {
      code = main.commandLine(args, interruption).execute(args);
    } catch (Throwable e) { // picocli hands over exceptions only: errors, such as a used-up heap, come through
      code = main.failed(e);
    }
    code = interruption.requested() ? ExitCode.INTERRUPTED.code() : main.written(code);
    console.err().flush();
    interruption.commandEnded();
    return code;
  }

  private CommandLine commandLine(String[] args, Interruption interruption) {
    CommandLine line = new CommandLine(this);
    Map<String, Supplier<Object>> commands = commands(console, interruption);
    // looking through the annotations of all commands takes longer than anything else at the start
    Supplier<Object> named = args.length == 0 ? null : commands.get(args[0]);
    if (named != null) {
      line.addSubcommand(args[0], named.get());
    } else {
      commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
    }
    return line.setOut(console.out())
        .setErr(console.err())
        .registerConverter(DType.class, Main::type)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false) // a prompt may begin with @
        .setUsageHelpWidth(100)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler((e, arguments) -> misused(e))
        .setExecutionExceptionHandler((e, used, parsed) -> failed(e));
  }

  /** Without the name of a Java class, which picocli would add to other exceptions. */
  private static DType type(String name) {
    try {
      return DType.named(name);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("there is no type '" + name + "'");
    }
  }

  /** The exit code of a command that came to {@code code}, once its last results are written. */
  private int written(int code) {
    if (!console.isBroken() || code != ExitCode.OK.code() && code != ExitCode.IO.code()) {
      return code;
    }
    if (!console.isAbandoned()) {
      console.err().println("garut: the results cannot be written (" + console.trouble() + "); choose another place");
    }
    return ExitCode.IO.code();
  }

  private static Map<String, Supplier<Object>> commands(Console console, Interruption interruption) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("generate", () -> new GenerateCommand(console, interruption));
    commands.put("chat", () -> new ChatCommand(console, interruption));
    commands.put("finetune", () -> new FinetuneCommand(console, interruption));
    commands.put("pretrain", () -> new PretrainCommand(console, interruption));
    commands.put("consolidate", () -> new ConsolidateCommand(console));
    commands.put("inspect", () -> new InspectCommand(console));
    commands.put("convert", () -> new ConvertCommand(console, interruption));
    commands.put("quantize", () -> new QuantizeCommand(console, interruption));
    commands.put("perplexity", () -> new PerplexityCommand(console, interruption));
    commands.put("eval", () -> new EvalCommand(console, interruption));
    commands.put("tokenize", () -> new TokenizeCommand(console));
    commands.put("devices", () -> new DevicesCommand(console));
    commands.put("bench", () -> new BenchCommand(console, interruption));
    return commands;
  }

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Print results and errors only.")
  void quiet(boolean wanted) {
    console.quiet(wanted);
  }

  private int misused(ParameterException e) {
    if (e.getCause() instanceof Failure failure) {
      return failed(failure);
    }
    StringBuilder message = new StringBuilder(e.getMessage().lines().findFirst().orElse("wrong usage"));
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
      message.append("; is it ").append(unmatched.getSuggestions().getFirst()).append("?");
    }
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    console.err().println("garut: " + message + " (" + command + " --help says more)");
    return ExitCode.USAGE.code();
  }

  private int failed(Throwable thrown) {
    Failure failure = Failure.of(thrown);
    console.err().println("garut: " + failure.getMessage());
    if (debug) {
      thrown.printStackTrace(console.err());
    }
    return failure.exitCode().code();
  }

  @Override
  public void run() {
    spec.commandLine().usage(console.out());
  }

  /** The version that Maven wrote into version.properties. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Properties properties = new Properties();
      try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
        properties.load(in);
      } catch (IOException e) {
        throw new UncheckedIOException("version.properties", e);
      }
      return new String[] {"garut " + properties.getProperty("version") + " on Java " + Runtime.version()};
    }
  }
}
