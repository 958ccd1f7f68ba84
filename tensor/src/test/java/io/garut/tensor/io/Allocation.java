package io.garut.tensor.io;

import java.lang.reflect.Method;

/**
 * Counts what a thread takes from the heap. The JDK's counter is reached by reflection: the module does not require it.
 */
final class Allocation {
  private static final Object BEAN;
  private static final Method COUNTER;

  static {
    try {
      BEAN = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
      COUNTER = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Allocation() {}

  /** Bytes that this thread has allocated so far. */
  static long ofThisThread() {
    try {
      return (long) COUNTER.invoke(BEAN);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
