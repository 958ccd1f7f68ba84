package io.garut.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Launches every kernel once. With a virtual device nothing runs, but TornadoVM prints each source. A line before each says
 * whose it is, so that the output as a whole is a file of CUDA C whose errors name the kernel.
 */
final class CudaSources {
  static final String LABEL = "#line 1 ";

  private CudaSources() {}

  private static void label(String name) {
    System.out.println(LABEL + '"' + name + '"');
  }

  public static void main(String[] args) {
    label("MAKE");
    try (Device device = new Device(1 << 20, 1 << 20);
        Arena arena = Arena.ofConfined()) {
      for (Code code : Code.values()) {
        label(code.name());
        device.launch(code, new int[Device.PARAMETERS], new float[Device.FACTORS], 64, 1, 64, 1);
      }
      MemorySegment host = arena.allocate(64);
      for (boolean isFloat : new boolean[] {true, false}) {
        String type = isFloat ? "FLOATS" : "WORDS";
        label("PUT_" + type);
        device.put(host, isFloat, 0);
        label("GET_" + type);
        device.get(host, isFloat, 0);
      }
    }
  }
}
