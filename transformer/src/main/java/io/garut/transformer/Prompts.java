package io.garut.transformer;

import io.garut.transformer.tokenizer.Tokenizer;
import java.util.stream.Stream;

/**
 * The prompts that models were tuned with. Dolly 2.0's is Alpaca's, as {@code databrickslabs/dolly} writes it at
 * generation: instruction, optional input, and the key after which the response begins.
 */
public final class Prompts {
  /** What ends a response of Dolly's. */
  public static final String DOLLY_END = "### End";

  /** What comes before an instruction. */
  public static final String DOLLY_INSTRUCTION = "### Instruction:";

  /** What comes before a response; with its line end it is one token. */
  public static final String DOLLY_RESPONSE = "### Response:\n";

  private static final String DOLLY_INTRODUCTION =
      "Below is an instruction that describes a task. Write a response that appropriately completes the request.";

  private Prompts() {}

  /** Whether a model with this tokenizer was tuned with Dolly's prompts: its vocabulary has their keys. */
  public static boolean isDolly(Tokenizer tokenizer) {
    return Stream.of(DOLLY_INSTRUCTION, DOLLY_RESPONSE, DOLLY_END).allMatch(key -> tokenizer.id(key).isPresent());
  }

  /**
   * Dolly's prompt for {@code instruction}. A model whose vocabulary has no token {@link #DOLLY_END} has to be stopped
   * at that text.
   */
  public static String dolly(String instruction) {
    return dollyIntroduction() + dollyTurn(instruction);
  }

  /** Dolly's prompt for {@code instruction} about {@code context}. */
  public static String dolly(String instruction, String context) {
    return dolly(instruction + "\n\nInput:\n" + context);
  }

  /** What Dolly's prompts begin with, its blank line included. */
  public static String dollyIntroduction() {
    return DOLLY_INTRODUCTION + "\n\n";
  }

  /** One more instruction in a conversation. */
  public static String dollyTurn(String instruction) {
    return DOLLY_INSTRUCTION + "\n" + instruction + "\n\n" + DOLLY_RESPONSE;
  }
}
