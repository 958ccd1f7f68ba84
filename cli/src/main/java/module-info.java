/** The command {@code garut}. */
module io.garut.cli {
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires io.garut.transformer;
  requires org.slf4j;

  opens io.garut.cli to
      info.picocli;
}
