package io.garut.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythiaTest {
  /** The counts are those of the models' cards. */
  @ParameterizedTest
  @CsvSource({
    "70m, 70426624", "160m, 162322944", "410m, 405334016", "1b, 1011781632", "1.4b, 1414647808", "2.8b, 2775208960",
    "6.9b, 6857302016", "12b, 11846072320"
  })
  void theShapesHaveTheModelsParameters(String id, long parameters) {
    assertThat(Pythia.named(id).config().parameters()).isEqualTo(parameters);
    assertThat(Pythia.named(id).id()).isEqualTo(id);
  }

  @Test
  void othersAreRefused() {
    assertThat(Pythia.ids()).isEqualTo("14m, 31m, 70m, 160m, 410m, 1b, 1.4b, 2.8b, 6.9b, 12b");
    assertThatThrownBy(() -> Pythia.named("3b")).hasMessage("there is no shape '3b'; the shapes are " + Pythia.ids());
  }
}
