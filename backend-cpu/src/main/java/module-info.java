/**
 * Kernels for the CPU, written with the Vector API. On the module path the Vector API's module is required, so that
 * nobody has to add it; only on the class path can it be missing, and then plain loops compute.
 */
module io.garut.cpu {
  requires io.garut.tensor;
  requires jdk.incubator.vector;
  requires org.slf4j;

  provides io.garut.tensor.spi.BackendProvider with
      io.garut.cpu.CpuBackendProvider;
}
