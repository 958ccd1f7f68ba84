package io.garut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model that comes with Garut, where no other is named; the launcher says where it lies. */
class EmbeddedModelTest {
  private static final Path LAMB = Path.of("..", "models", "lamb", "lamb-q8_0.gguf");

  @TempDir private Path folder;

  @BeforeEach
  void asTheLauncherDoes() {
    System.setProperty("garut.model", LAMB.toString());
  }

  @AfterEach
  void asWithoutTheLauncher() {
    System.clearProperty("garut.model");
  }

  @Test
  void theLauncherNamesIt() throws IOException {
    assertThat(Path.of("..", "garut")).content().contains("\"-Dgarut.model=$home/models/lamb/lamb-q8_0.gguf\"");
    assertThat(Path.of("..", "garut.cmd")).content().contains("\"-Dgarut.model=%GARUT_HOME%\\models\\lamb\\lamb-q8_0.gguf\"");
    assertThat(Files.size(LAMB)).isLessThan(12_000_000);
  }

  @Test
  void answersAndTellsHowToUseALargerOne() {
    Run run = Run.garut("generate", "Why do sheep flock together?", "-n", 12, "--seed", 7);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("the small model that comes with Garut", "--model PATH", "[answered (--raw continues)");
    assertThat(run.out()).isNotBlank();
  }

  /** A model that knew nothing would need 4096 guesses a token; this one has read tales, though not this one. */
  @Test
  void hasLearntToTellTales() throws IOException {
    String tale = "Once upon a time there was a king who had three sons. The eldest went into the forest, and there he met an"
        + " old woman, who asked him for a piece of bread. But he would not give her any, and went on his way.";
    Run run = Run.garut("perplexity", "--json", "--file", Files.writeString(folder.resolve("tale.txt"), tale));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).get("perplexity").asDouble()).isBetween(2.0, 200.0);
  }

  @Test
  void saysNothingOfItselfWhereAnotherIsNamedAndIsNoExcuseForAWrongPath() throws IOException {
    Path tiny = TinyModel.write(folder.resolve("model"), true);
    Run run = Run.garut("generate", "--model", tiny, "Once", "-n", 2);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("comes with Garut");
    assertThat(Run.garut("generate", "--model", "none", "Once").err()).contains("check --model");
    System.clearProperty("garut.model");
    assertThat(Run.garut("generate", "Once").err()).contains("no model is named; say --model PATH");
  }
}
