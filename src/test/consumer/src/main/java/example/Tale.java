package example;

import io.garut.transformer.GptNeoX;
import io.garut.transformer.Prompts;
import io.garut.transformer.generation.Generation;
import io.garut.transformer.generation.Generator;
import java.io.IOException;
import java.nio.file.Path;

/** The lines of README.md that generate text. */
public final class Tale {
  private Tale() {}

  /** Runs them. */
  public static void main(String[] args) throws IOException {
    // README:
    try (GptNeoX model = GptNeoX.open(Path.of("pythia-160m"))) { // a Hugging Face folder, or a GGUF file
      Generator generator = Generator.of(model).temperature(0.8).topP(0.92).maxNewTokens(32).seed(7);
      Generation tale = generator.stream("Once upon a time", System.out::print); // piece by piece, as it comes
      System.out.printf("%n%d tokens, ended by %s%n", tale.tokens().size(), tale.reason());
      for (Generation.Token token : tale.tokens()) {
        System.out.printf("%d (%.2f) ", token.id(), token.logProbability());
      }
      String question = Prompts.dolly("Why do sheep flock together?"); // as Dolly 2.0 was taught to be asked
      System.out.println(generator.temperature(0).generate(question).text()); // the likeliest token each time
    }
    // :README
  }
}
