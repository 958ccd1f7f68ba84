package io.garut.cpu;

/**
 * Whether the Vector API may be used. This class does not touch the API itself, so that it can be asked where the
 * module {@code jdk.incubator.vector} is missing; classes that touch it, {@link Simd} first of all, must only be loaded
 * after {@link #available()} said yes.
 */
public final class SimdSupport {
  /** The system property that sets the width of vectors in bits: 128, 256 or 512; 0 asks for plain loops. */
  public static final String PROPERTY = "garut.vector.bits";

  /** The flag that adds the module, for the warning where it is missing. */
  public static final String FLAG = "--add-modules jdk.incubator.vector";

  private SimdSupport() {}

  /** Whether the module is there and vectors have not been turned off by {@link #PROPERTY}. */
  public static boolean available() {
    return modulePresent() && requestedBits() != 0;
  }

  /** Whether the JVM was started with the Vector API's module. */
  public static boolean modulePresent() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  /**
   * The width asked for by {@link #PROPERTY}, in bits; −1 if it is not set.
   *
   * @throws IllegalArgumentException if the property is none of the widths there are
   */
  public static int requestedBits() {
    String text = System.getProperty(PROPERTY);
    if (text == null || text.isBlank()) {
      return -1;
    }
    return switch (text.strip()) {
      case "0" -> 0;
      case "128" -> 128;
      case "256" -> 256;
      case "512" -> 512;
      default -> throw new IllegalArgumentException(
          PROPERTY + " is '" + text + "'; set it to 128, 256 or 512, or to 0 for no vectors");
    };
  }
}
