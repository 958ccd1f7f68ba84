/** Kernels for the CPU, written with the Vector API. */
module io.garut.cpu {
  requires io.garut.tensor;
  requires jdk.incubator.vector;
  requires org.slf4j;
}
