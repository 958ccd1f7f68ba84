package io.garut.jmh;

import io.garut.transformer.tokenizer.BpeTrainer;
import io.garut.transformer.tokenizer.ByteLevelBpe;
import io.garut.transformer.tokenizer.TokenDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Byte-level BPE in one thread, on generated text, with a vocabulary trained on other text of its kind. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsPrepend = OnBackend.COLLECTOR)
public class TokenizerBenchmark {
  private static final int TRAINED_ON = 1 << 20;

  /** Tokens in the vocabulary. */
  @Param("8192")
  public int vocabulary;

  /** Characters of the text. */
  @Param({"500", "1000000"})
  public int characters;

  private ByteLevelBpe tokenizer;
  private String text;
  private int[] ids;
  private long bytes;

  /** Trains the tokenizer and writes the text. */
  @Setup(Level.Trial)
  public void train() {
    String lesson = Prose.ofLength(Math.min(TRAINED_ON, vocabulary * 128), 1);
    tokenizer = BpeTrainer.ofSize(vocabulary).train(List.of(lesson).iterator());
    text = Prose.ofLength(characters, 2);
    ids = tokenizer.encode(text);
    bytes = text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Text to ids. */
  @Benchmark
  public int[] encode(Rates.Text rate) {
    rate.add(bytes, ids.length);
    return tokenizer.encode(text);
  }

  /** Ids to text. */
  @Benchmark
  public String decode(Rates.Text rate) {
    rate.add(bytes, ids.length);
    return tokenizer.decode(ids);
  }

  /** Ids to text as they come, one at a time. */
  @Benchmark
  public int decodeStream(Rates.Text rate) {
    rate.add(bytes, ids.length);
    TokenDecoder decoder = tokenizer.decoder();
    int length = 0;
    for (int id : ids) {
      length += decoder.push(id).length();
    }
    return length + decoder.flush().length();
  }
}
