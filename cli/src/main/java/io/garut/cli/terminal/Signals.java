package io.garut.cli.terminal;

import java.util.List;

/**
 * What signals do while the JVM ends: nothing, for its handler waits for the end that is under way already. Only {@code
 * sun.misc.Signal} of {@code jdk.unsupported} changes that; it is called by reflection, for the compiler warns of its name in
 * a way that cannot be turned off.
 */
final class Signals {
  private static final List<String> NAMES = List.of("INT", "TERM");

  private Signals() {}

  /** From now on Ctrl-C and termination end the process at once, where the system has such signals. */
  static void endAtOnce() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object usual = handler.getField("SIG_DFL").get(null);
      for (String name : NAMES) {
        signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), usual);
      }
    } catch (ReflectiveOperationException _) {
      // unknown to this system, or kept by -Xrs: a second Ctrl-C then waits like the first one
    }
  }
}
