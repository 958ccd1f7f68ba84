package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same bits for every number of threads, and from the interpreter and C2. */
@Tag("kernel")
class DeterminismTest {
  /** Enough for C2 to have compiled a kernel that runs all the time. */
  private static final int WARM_UP_MILLIS = 30;

  @Test
  void theNumberOfThreadsDoesNotMatter() {
    Map<String, String> one = digests(1, 0);
    for (int threads : new int[] {2, 3, 5}) {
      assertThat(digests(threads, 0)).as("%d threads", threads).isEqualTo(one);
    }
  }

  @Test
  void theInterpreterMakesTheBitsOfC2() throws IOException, InterruptedException {
    Assumptions.assumeTrue(SimdSupport.available(), "without vectors there is nothing that C2 could reorder");
    List<String> options = new ArrayList<>(List.of("-Xint", "--add-modules=jdk.incubator.vector"));
    if (SimdSupport.requestedBits() > 0) {
      options.add("-D" + SimdSupport.PROPERTY + "=" + SimdSupport.requestedBits());
    }
    ChildJvm child = ChildJvm.start(options, KernelDigests.class, "1");
    Map<String, String> compiled = digests(2, WARM_UP_MILLIS);
    String output = child.finish().output();
    Map<String, String> interpreted = new LinkedHashMap<>();
    for (String line : output.lines().filter(l -> l.startsWith("digest ")).toList()) {
      int equals = line.lastIndexOf(" = ");
      interpreted.put(line.substring("digest ".length(), equals), line.substring(equals + 3));
    }
    assertThat(interpreted).as(output).isNotEmpty();
    assertThat(compiled).isEqualTo(interpreted);
  }

  private static Map<String, String> digests(int threads, int millis) {
    try (CpuBackend backend = new CpuBackend(threads)) {
      return KernelDigests.of(backend, millis);
    }
  }
}
