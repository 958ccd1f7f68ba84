/** The command {@code garut}. */
module io.garut.cli {
  requires com.fasterxml.jackson.core;
  requires info.picocli;
  requires java.management;
  requires io.garut.train;
  requires jdk.unsupported;

  opens io.garut.cli to
      info.picocli;
  opens io.garut.cli.bench to
      info.picocli;
  opens io.garut.cli.command to
      info.picocli;
  opens io.garut.cli.training to
      info.picocli;
}
