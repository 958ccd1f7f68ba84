package io.garut.gpu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The tests of this module where there is no Maven: prints what failed, and one line of JSON last. */
public final class DeviceSuite {
  private static final int MOST_FAILURES = 100;

  private DeviceSuite() {}

  /** Runs them; exits with 1 if one fails. */
  public static void main(String[] args) {
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
        .selectors(selectClass(GpuConformanceTest.class), selectClass(GpuWeightsTest.class))
        .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.err, true, StandardCharsets.UTF_8), MOST_FAILURES);
    System.out.printf(
        Locale.ROOT, "{\"tests\": %d, \"failed\": %d, \"skipped\": %d}%n", summary.getTestsFoundCount(),
        summary.getTestsFailedCount(), summary.getTestsSkippedCount());
    System.exit(summary.getTotalFailureCount() == 0 ? 0 : 1);
  }
}
