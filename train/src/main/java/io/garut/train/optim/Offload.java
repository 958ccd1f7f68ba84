package io.garut.train.optim;

import io.garut.tensor.Tensor;
import io.garut.tensor.op.Spec;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Storage;
import java.util.List;

/**
 * Where memory lies that is used only now and then in a step: an optimizer's states and masters, gradients that have been
 * summed, weights outside their regions (ZeRO-Offload, Ren et al. 2021; ZeRO-Infinity, Rajbhandari et al. 2021).
 */
public interface Offload extends AutoCloseable {
  /** Nowhere: it stays where it is. */
  Offload NONE = new Offload() {
    @Override
    public Storage allocate(Spec spec) {
      return Executor.current().backend().allocate(spec);
    }

    @Override
    public void move(Tensor tensor) {}

    @Override
    public void expect(List<Tensor> tensors) {}

    @Override
    public void done(List<Tensor> tensors) {}

    @Override
    public void close() {}
  };

  /** Memory for a tensor {@code spec}, with anything in it. */
  Storage allocate(Spec spec);

  /** Puts the elements of {@code tensor}, which are read and written on as before, elsewhere; the memory they had goes. */
  void move(Tensor tensor);

  /** Told that {@code tensors} will be used next: those of them that lie here may be brought near meanwhile. */
  void expect(List<Tensor> tensors);

  /** Told that {@code tensors} will not be used for some time. */
  void done(List<Tensor> tensors);

  /** Gives the place back; what lies there stays valid until it is closed. */
  @Override
  void close();
}
