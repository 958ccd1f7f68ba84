package io.garut.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class StopStringsTest {
  @Property(tries = 300)
  void theTextEndsBeforeTheFirstStopString(
      @ForAll @StringLength(max = 30) @CharRange(from = 'a', to = 'c') String text,
      @ForAll @Size(min = 1, max = 3)
          List<@NotEmpty @StringLength(max = 4) @CharRange(from = 'a', to = 'c') String> stops,
      @ForAll @IntRange(min = 1, max = 5) int piece) {
    StopStrings watcher = new StopStrings(stops);
    StringBuilder said = new StringBuilder();
    for (int at = 0; at < text.length() && !watcher.found(); at += piece) {
      said.append(watcher.push(text.substring(at, Math.min(at + piece, text.length()))));
    }
    int end = stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
    if (end >= 0) {
      assertThat(watcher.found()).isTrue();
      // within one piece the earliest stop wins; over pieces one that ends sooner may be found first
      assertThat(text).startsWith(said);
      assertThat(stops).noneMatch(stop -> said.indexOf(stop) >= 0);
    } else {
      assertThat(watcher.found()).isFalse();
      assertThat(said + watcher.flush()).isEqualTo(text);
    }
  }
}
