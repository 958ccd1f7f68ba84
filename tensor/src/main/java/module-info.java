/** Tensors, the operations on them, the seam for backends, and checkpoints. */
@SuppressWarnings("module") // those named here are built later, and may be absent
module io.garut.tensor {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;

  exports io.garut.tensor;
  exports io.garut.tensor.io;
  exports io.garut.tensor.op;
  exports io.garut.tensor.quant;
  exports io.garut.tensor.reference;
  exports io.garut.tensor.spi;
  exports io.garut.tensor.memory to
      io.garut.cpu,
      io.garut.gpu;
  exports io.garut.tensor.io.file to
      io.garut.train;

  uses io.garut.tensor.spi.BackendProvider;
}
