package io.garut.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;
import io.garut.transformer.GptNeoX;
import io.garut.transformer.KvCache;
import io.garut.transformer.TinyModels;
import io.garut.transformer.TokenBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecodingSessionTest {
  private static final int[] PROMPT = {5, 17, 80, 3, 44};

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void replayedStepsHaveTheBitsOfEagerOnes(DType dtype) {
    try (GptNeoX model = TinyModels.model(dtype);
        DecodingSession session = new DecodingSession(model, 1, 32, DType.F16);
        KvCache cache = model.newCache(1, 32, DType.F16)) {
      float[][] replayed = new float[1][model.vocabularySize()];
      session.prefill(0, PROMPT, 0, PROMPT.length, replayed[0]);
      assertThat(replayed[0]).containsExactly(eager(model, cache, PROMPT));
      for (int i = 0; i < 8; i++) {
        int[] token = {(i * 31 + 7) % model.vocabularySize()};
        session.step(new int[] {0}, token, 1, replayed);
        assertThat(replayed[0]).as("step %d", i).containsExactly(eager(model, cache, token));
      }
    }
  }

  private static float[] eager(GptNeoX model, KvCache cache, int[] ids) {
    int[] positions = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      positions[i] = cache.length(0) + i;
    }
    try (TensorScope _ = TensorScope.open();
        TokenBatch batch = TokenBatch.cached(ids.length)) {
      batch.set(ids, positions, new int[ids.length]);
      Tensor hidden = model.hidden(batch, cache);
      cache.advance(0, ids.length);
      return model.logits(hidden.slice(0, ids.length - 1, ids.length)).toFloatArray();
    }
  }

  @Test
  void sequencesAtOnceDoNotSeeEachOther() {
    try (GptNeoX model = TinyModels.model(DType.F32);
        DecodingSession together = new DecodingSession(model, 3, 32, DType.F32);
        DecodingSession alone = new DecodingSession(model, 1, 32, DType.F32)) {
      int[][] prompts = {{5, 17, 80}, {1}, {9, 9, 9, 60, 2, 30}};
      float[][] logits = new float[3][model.vocabularySize()];
      for (int slot = 0; slot < 3; slot++) {
        together.prefill(slot, prompts[slot], 0, prompts[slot].length, logits[slot]);
      }
      together.step(new int[] {2, 0, 1}, new int[] {30, 31, 32}, 3, logits);
      float[] expected = new float[model.vocabularySize()];
      int[] order = {2, 0, 1};
      for (int i = 0; i < 3; i++) {
        int[] prompt = prompts[order[i]];
        alone.truncate(0, 0);
        alone.prefill(0, prompt, 0, prompt.length, expected);
        alone.step(new int[] {0}, new int[] {30 + i}, 1, new float[][] {expected});
        for (int v = 0; v < expected.length; v++) {
          // 64 features: sums of 64 products of numbers below 1 in another order
          assertThat(logits[i][v]).isCloseTo(expected[v], within(64 * 0x1p-22f));
        }
      }
    }
  }

  @Test
  void aPromptInChunksIsTheSameText() {
    int[] prompt = new int[40];
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = (i * 37 + 11) % 97;
    }
    try (GptNeoX model = TinyModels.model(DType.F32);
        DecodingSession whole = new DecodingSession(model, 1, 64, DType.F32, 64);
        DecodingSession pieces = new DecodingSession(model, 1, 64, DType.F32, 7)) {
      float[] a = new float[model.vocabularySize()];
      float[] b = new float[model.vocabularySize()];
      whole.prefill(0, prompt, 0, prompt.length, a);
      pieces.prefill(0, prompt, 0, prompt.length, b);
      for (int v = 0; v < a.length; v++) {
        assertThat(b[v]).isCloseTo(a[v], within(64 * 0x1p-22f));
      }
    }
  }

  @Test
  void dynamicRotationIsThatOfTheWholePromptInEveryPiece() {
    int[] prompt = new int[90]; // beyond the 64 that it was trained with
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = (i * 29 + 3) % 97;
    }
    try (GptNeoX model = TinyModels.dynamic();
        DecodingSession whole = new DecodingSession(model, 1, 96, DType.F32, 96);
        DecodingSession pieces = new DecodingSession(model, 1, 96, DType.F32, 16)) {
      float[] a = new float[model.vocabularySize()];
      float[] b = new float[model.vocabularySize()];
      whole.prefill(0, prompt, 0, prompt.length, a);
      pieces.prefill(0, prompt, 0, prompt.length, b);
      for (int v = 0; v < a.length; v++) {
        assertThat(b[v]).isCloseTo(a[v], within(64 * 0x1p-22f));
      }
    }
  }

  @Test
  void aFullSlotSaysSo() {
    try (GptNeoX model = TinyModels.model(DType.F32);
        DecodingSession session = new DecodingSession(model, 1, 6, DType.F32)) {
      float[][] logits = new float[1][model.vocabularySize()];
      session.prefill(0, PROMPT, 0, PROMPT.length, logits[0]);
      session.step(new int[] {0}, new int[] {1}, 1, logits);
      assertThatThrownBy(() -> session.step(new int[] {0}, new int[] {1}, 1, logits))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("holds 6 tokens");
      assertThatThrownBy(() -> session.prefill(0, PROMPT, 0, 2, logits[0]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("do not fit");
    }
  }
}
