package io.garut.transformer.convert;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class QkvRowsTest {
  /** Against the definition: part p of head h, element i. */
  @Property(tries = 50)
  void rowsGoWhereTheFormatsHaveThem(
      @ForAll @IntRange(min = 1, max = 7) int heads, @ForAll @IntRange(min = 1, max = 9) int size) {
    for (int part = 0; part < 3; part++) {
      for (int head = 0; head < heads; head++) {
        for (int i = 0; i < size; i++) {
          long hub = ((long) head * 3 + part) * size + i;
          long gguf = ((long) part * heads + head) * size + i;
          assertThat(QkvRows.STACKED.source(gguf, heads, size)).isEqualTo(hub);
          assertThat(QkvRows.PER_HEAD.source(hub, heads, size)).isEqualTo(gguf);
        }
      }
    }
  }
}
