package io.garut.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Activation;
import io.garut.transformer.convert.Converter;
import io.garut.transformer.convert.HubFolders;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model for training holds copies: of the file's values, in the hub's order, in memory of its own. */
class WritableWeightsTest {
  @TempDir private Path folder;

  private Path hub() throws IOException {
    Path hub = folder.resolve("hub");
    RotaryConfig rotary = new RotaryConfig(0.5, 10_000, new RotaryConfig.Unscaled());
    NeoXConfig config = new NeoXConfig(300, 24, 2, 3, 96, Activation.GELU, rotary, 64, 1e-5, true, true, false, 0, 0);
    HubFolders.write(hub, config, DType.F16, 1);
    HubFolders.addTokenizer(hub, 300);
    return hub;
  }

  @Test
  void hasTheSameValuesFromFolderAndGguf() throws IOException {
    Path hub = hub();
    Path gguf = folder.resolve("model.gguf");
    Converter.of(hub).toGguf(gguf);
    try (GptNeoX original = GptNeoX.load(hub);
        GptNeoX fromFolder = GptNeoX.trainable(hub, DType.F32);
        GptNeoX fromGguf = GptNeoX.trainable(gguf, DType.F32);
        GptNeoX half = GptNeoX.trainable(gguf, DType.BF16)) {
      assertThat(fromGguf.qkvOrder()).isEqualTo(WeightSource.QkvOrder.PER_HEAD);
      for (int i = 0; i < original.weights().size(); i++) {
        Tensor weight = original.weights().get(i);
        for (GptNeoX copy : new GptNeoX[] {fromFolder, fromGguf}) {
          Tensor same = copy.weights().get(i);
          assertThat(same.name()).isEqualTo(weight.name());
          assertThat(same.dtype()).isEqualTo(DType.F32);
          assertThat(same.toFloatArray()).as(weight.name()).isEqualTo(weight.toFloatArray());
          assertThat(same.segment().isReadOnly()).isFalse();
        }
        Tensor rounded = half.weights().get(i);
        assertThat(rounded.dtype()).isEqualTo(weight.shape().rank() == 2 ? DType.BF16 : DType.F32);
        assertThat(rounded.toFloatArray()).isEqualTo(weight.cast(rounded.dtype()).toFloatArray());
      }
    }
  }

  @Test
  void refusesTypesThatAreNotTrained() throws IOException {
    Path hub = hub();
    assertThatThrownBy(() -> GptNeoX.trainable(hub, DType.Q8_0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F32, BF16 or F16, not Q8_0");
  }
}
