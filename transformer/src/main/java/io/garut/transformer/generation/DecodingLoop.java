package io.garut.transformer.generation;

import java.util.List;

/** Takes streams from their prompts to their ends, a token of each at a time. */
final class DecodingLoop {
  private final DecodingSession session;
  private final int maxNewTokens;

  DecodingLoop(DecodingSession session, int maxNewTokens) {
    this.session = session;
    this.maxNewTokens = maxNewTokens;
  }

  void run(List<TextStream> streams) {
    int active = 0;
    TextStream[] running = new TextStream[streams.size()];
    int[] slots = new int[running.length];
    int[] tokens = new int[running.length];
    float[][] logits = new float[running.length][];
    for (TextStream stream : streams) {
      stream.prefill(session);
      if (accept(stream)) {
        running[active++] = stream;
      }
    }
    while (active > 0) {
      for (int i = 0; i < active; i++) {
        slots[i] = running[i].slot();
        tokens[i] = running[i].last();
        logits[i] = running[i].logits();
      }
      session.step(slots, tokens, active, logits);
      int still = 0;
      for (int i = 0; i < active; i++) {
        if (accept(running[i])) {
          running[still++] = running[i];
        }
      }
      active = still;
    }
  }

  /** Draws a token for {@code stream}; whether it goes on. */
  private boolean accept(TextStream stream) {
    boolean goesOn = stream.draw(maxNewTokens);
    if (goesOn && session.length(stream.slot()) >= session.capacity()) {
      stream.end(StopReason.CONTEXT);
      return false;
    }
    return goesOn;
  }
}
