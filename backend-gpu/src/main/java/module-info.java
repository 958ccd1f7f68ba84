/**
 * Kernels in Java that TornadoVM compiles for a GPU. TornadoVM reads the bytecode of {@code io.garut.gpu.kernel}, and so has to
 * see it; nothing here is exported.
 */
module io.garut.gpu {
  requires io.garut.tensor;
  requires org.slf4j;
  requires tornado.api;

  opens io.garut.gpu.kernel;

  provides io.garut.tensor.spi.BackendProvider with
      io.garut.gpu.GpuBackendProvider;
}
