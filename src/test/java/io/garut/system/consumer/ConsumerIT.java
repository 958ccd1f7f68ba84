package io.garut.system.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.system.consumer.OutsideProject.Run;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A project outside, which knows nothing but the installed artifacts, runs README.md's lines. */
class ConsumerIT {
  static final String MATRICES = "F32[4, 3] begins with 0.512 0.244 0.243, its largest is 0.665";

  private static OutsideProject outside;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    outside = new OutsideProject(ReadmeLines.ROOT.resolve("src/test/target/consumer"));
    outside.buildWithMaven();
    outside.buildOnClassPath();
    RandomModel.write(outside.project().resolve("pythia-160m"));
  }

  @Test
  void theBomGivesTheVersionsAndTheArtifactsBringWhatTheyNeed() {
    String version = System.getProperty("garut.version");
    assertThat(outside.libraries())
        .contains(
            "garut-backend-cpu-" + version + ".jar",
            "garut-tensor-" + version + ".jar",
            "garut-transformer-" + version + ".jar")
        .noneMatch(name -> name.startsWith("junit") || name.startsWith("picocli"));
  }

  @Test
  void matricesOnTheModulePath() throws IOException, InterruptedException {
    checkMatrices(outside.onModulePath("Matrices"));
  }

  @Test
  void matricesOnTheClassPath() throws IOException, InterruptedException {
    checkMatrices(outside.onClassPath(OutsideProject.CLASS_PATH_FLAGS, "Matrices"));
  }

  @Test
  void withoutTheVectorApiAWarningNamesTheFlagAndPlainLoopsComputeTheSame() throws IOException, InterruptedException {
    Run run = outside.onClassPath(List.of("--enable-native-access=ALL-UNNAMED"), "Matrices");
    assertThat(run.status()).as(run.errors()).isZero();
    assertThat(run.output().strip()).isEqualTo(MATRICES);
    assertThat(run.errors()).contains("WARN").contains("--add-modules jdk.incubator.vector");
  }

  @Test
  void textOnTheModulePathAndOnTheClassPathIsTheSame() throws IOException, InterruptedException {
    Run modular = outside.onModulePath("Tale");
    assertThat(modular.status()).as(modular.errors()).isZero();
    assertThat(modular.output()).contains("32 tokens, ended by LENGTH");
    Run classic = outside.onClassPath(OutsideProject.CLASS_PATH_FLAGS, "Tale");
    assertThat(classic.status()).as(classic.errors()).isZero();
    assertThat(classic.output()).isEqualTo(modular.output());
  }

  private static void checkMatrices(Run run) {
    assertThat(run.status()).as(run.errors()).isZero();
    assertThat(run.output().strip()).isEqualTo(MATRICES);
    // the JVM's own remark about the incubator is all
    assertThat(run.errors().strip()).isEqualTo("WARNING: Using incubator modules: jdk.incubator.vector");
  }

}
