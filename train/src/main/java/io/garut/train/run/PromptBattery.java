package io.garut.train.run;

import io.garut.transformer.CausalModel;
import io.garut.transformer.Prompts;
import io.garut.transformer.generation.Generator;
import io.garut.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Prompts whose answers are kept at every evaluation, so that one can read how a model changes: what Dolly's makers say they
 * look at before any figure. Answers are sampled as Dolly's are (top-p 0.92) with one seed, so that only the model differs.
 *
 * @param prompts in words
 * @param instructions whether they are instructions, to be put in Dolly's form, or texts to be continued
 * @param maxNewTokens of an answer
 */
public record PromptBattery(List<String> prompts, boolean instructions, int maxNewTokens) {
  private static final double TOP_P = 0.92;
  private static final long SEED = 7;

  /** Takes a copy of the list. */
  public PromptBattery {
    prompts = List.copyOf(prompts);
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("an answer has 1 token or more, not " + maxNewTokens);
    }
  }

  /** The five prompts with which Databricks showed Dolly. */
  public static PromptBattery dolly(int maxNewTokens) {
    return new PromptBattery(
        List.of(
            "Write a love letter to Edgar Allan Poe.",
            "Write a tweet announcing Dolly, a large language model from Databricks.",
            "I'm selling my Nikon D-750, write a short blurb for my ad.",
            "Explain to me the difference between nuclear fission and fusion.",
            "Give me a list of 5 science fiction books I should read next."),
        true,
        maxNewTokens);
  }

  /** What {@code model} answers to each, as it is now. */
  public List<Sample> sample(CausalModel model, Tokenizer tokenizer) {
    List<Sample> samples = new ArrayList<>();
    for (String prompt : prompts) {
      Generator generator = Generator.of(model, tokenizer).topP(TOP_P).seed(SEED).maxNewTokens(maxNewTokens);
      String text = prompt;
      if (instructions) {
        generator = generator.alsoStoppingAt(Prompts.DOLLY_END);
        text = Prompts.dolly(prompt);
      }
      samples.add(new Sample(prompt, generator.generate(text).text().strip()));
    }
    return samples;
  }
}
