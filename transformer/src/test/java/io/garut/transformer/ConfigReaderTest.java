package io.garut.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.op.Activation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
  @TempDir Path folder;

  private NeoXConfig read(String json) throws IOException {
    return ConfigReader.json(Files.writeString(folder.resolve("config.json"), json));
  }

  @Test
  void defaultsAreThoseOfTransformers() throws IOException {
    NeoXConfig config = read("{\"model_type\": \"gpt_neox\"}");
    assertThat(config.vocabularySize()).isEqualTo(50432);
    assertThat(config.hiddenSize()).isEqualTo(6144);
    assertThat(config.layers()).isEqualTo(44);
    assertThat(config.heads()).isEqualTo(64);
    assertThat(config.intermediateSize()).isEqualTo(24576);
    assertThat(config.rotary()).isEqualTo(new RotaryConfig(0.25, 10000, new RotaryConfig.Unscaled()));
    assertThat(config.parallelResidual()).isTrue();
    assertThat(config.attentionBias()).isTrue();
    assertThat(config.tiedEmbeddings()).isFalse();
    assertThat(config.activation()).isEqualTo(Activation.GELU);
  }

  @Test
  void ropeParametersOfTransformers5() throws IOException {
    NeoXConfig config =
        read(
            """
            {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 5000.0,
             "partial_rotary_factor": 0.5}}
            """);
    assertThat(config.rotary()).isEqualTo(new RotaryConfig(0.5, 5000, new RotaryConfig.DynamicScaling(2)));
    assertThat(config.contextLength()).isEqualTo(4096);
  }

  @Test
  void ropeScalingOfTransformers4() throws IOException {
    NeoXConfig config = read("{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}, \"rotary_pct\": 1.0}");
    assertThat(config.rotary()).isEqualTo(new RotaryConfig(1, 10000, new RotaryConfig.LinearScaling(4)));
  }

  @Test
  void everyTokenThatEndsATextCounts() throws IOException {
    assertThat(read("{}").eosTokenIds()).containsExactly(2);
    assertThat(read("{\"eos_token_id\": [5, 3]}").eosTokenIds()).containsExactly(5, 3);
    assertThat(read("{\"eos_token_id\": [5, 3]}").eosTokenId()).isEqualTo(5);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [3, 9], \"top_p\": 0.9}");
    assertThat(read("{\"eos_token_id\": 5}").eosTokenIds()).containsExactly(5, 3, 9);
    assertThat(read("{}").eosTokenIds()).containsExactly(3, 9);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": \"end\"}");
    assertThatThrownBy(() -> read("{}")).hasMessageContaining("generation_config.json: eos_token_id: is \"end\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"model_type": "llama"}                            | model_type: is 'llama'
          {"hidden_size": 100}                               | hidden_size 100 is not a multiple of
          {"num_hidden_layers": -1}                          | num_hidden_layers must be positive
          {"vocab_size": 4294967297}                         | vocab_size: is 4294967297, not a whole number
          {"max_position_embeddings": 100000000}             | max_position_embeddings is 100000000, over
          {"hidden_act": "xielu"}                            | the activation 'xielu' is not known
          {"rope_scaling": {"type": "yarn", "factor": 4}}    | rope_scaling: has the type 'yarn'
          {"rope_scaling": {"type": "linear"}}               | rope_scaling: has no number 'factor'
          {"rope_scaling": 3}                                | rope_scaling: is not an object
          {"rotary_pct": 0}                                  | rotary_pct must lie above 0
          {"layer_norm_eps": "small"}                        | layer_norm_eps: is "small", not a number
          {"use_parallel_residual": 1}                       | use_parallel_residual: is 1, not true or false
          {"vocab_size": 1, "vocab_size": 2}                 | is not valid JSON
          {"vocab_size":                                     | is not valid JSON
          []                                                 | is not a JSON object
          """)
  void whatIsWrongIsNamed(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json: ")
        .hasMessageContaining(message);
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> ConfigReader.json(folder.resolve("config.json")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json: file: is missing");
  }
}
