package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * What the 64 work items of a group make of a value of each. All of them must call it, outside loops and conditions: each
 * call has local memory of its own, which is declared where it stands. (An array in local memory must not be given to a
 * method either: TornadoVM then takes offsets of bytes for places in it.)
 */
final class Groups {
  static final int SIZE = 64;

  private Groups() {}

  /** The sum, for all of them. */
  static float sum(KernelContext c, float value) {
    float[] shared = c.allocateFloatLocalArray(SIZE);
    int lane = c.localIdx;
    shared[lane] = value;
    for (int half = SIZE / 2; half > 0; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        shared[lane] = shared[lane] + shared[lane + half];
      }
    }
    c.localBarrier();
    return shared[0];
  }

  /** The largest, for all of them; NaN if one is. */
  static float max(KernelContext c, float value) {
    float[] shared = c.allocateFloatLocalArray(SIZE);
    int lane = c.localIdx;
    shared[lane] = value;
    for (int half = SIZE / 2; half > 0; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        shared[lane] = Functions.larger(shared[lane], shared[lane + half]);
      }
    }
    c.localBarrier();
    return shared[0];
  }
}
