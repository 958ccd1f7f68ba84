package io.garut.system.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** README.md shows, text for text, what the consumer is built of. */
class ReadmeTest {
  @Test
  void everyJavaBlockIsWhatTheConsumerRuns() {
    assertThat(ReadmeLines.blocks("java"))
        .containsExactly(
            ReadmeLines.marked("src/main/java/example/Matrices.java"),
            ReadmeLines.marked("src/main/java/example/Tale.java"));
  }

  @Test
  void theDependenciesAreTheConsumersOfThisVersion() {
    assertThat(ReadmeLines.blocks("xml")).containsExactly(ReadmeLines.marked("pom.xml"));
    String version = System.getProperty("garut.version");
    assertThat(ReadmeLines.marked("pom.xml")).contains("<version>" + version + "</version>");
  }

  @Test
  void whatTheMatricesPrintIsWhatTheyPrint() {
    assertThat(ReadmeLines.text()).contains(ConsumerIT.MATRICES);
  }

  @Test
  void theFlagsAreThoseTheConsumerIsStartedWith() {
    assertThat(ReadmeLines.text())
        .contains(String.join(" ", OutsideProject.CLASS_PATH_FLAGS))
        .contains(String.join(" ", OutsideProject.MODULE_PATH_FLAGS));
  }
}
