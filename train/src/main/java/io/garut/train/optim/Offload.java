package io.garut.train.optim;

import io.garut.tensor.Tensor;
import java.util.List;

/**
 * Where memory goes that is used once a step only: an optimizer's states and masters (ZeRO-Offload, Ren et al. 2021;
 * ZeRO-Infinity, Rajbhandari et al. 2021).
 */
public interface Offload {
  /** Nowhere: it stays where it is. */
  Offload NONE = new Offload() {
    @Override
    public void move(Tensor tensor) {}

    @Override
    public void expect(List<Tensor> tensors) {}

    @Override
    public void done(List<Tensor> tensors) {}
  };

  /** Puts the elements of {@code tensor}, which are read and written on as before, elsewhere; the memory they had goes. */
  void move(Tensor tensor);

  /** Told that {@code tensors}, which were moved, will be used next: they may be brought near meanwhile. */
  void expect(List<Tensor> tensors);

  /** Told that {@code tensors} will not be used for some time. */
  void done(List<Tensor> tensors);
}
