package io.garut.tensor.memory;

import java.lang.foreign.MemorySegment;

/**
 * The one place where bounds and lifetime checks are put aside.
 *
 * <p>{@link #ALL} spans the whole address space, so that kernels reach every buffer through one constant segment and
 * an absolute address: C2 then compiles loads as it does for arrays, and never gets stuck on an off-heap loop
 * (measured; with a segment per buffer some launches did). The price is that a wrong address is a crash. Only kernels
 * may use it, and only with addresses of storage that {@code Executor.apply} has checked to be live, in bounds and of
 * the right type. The package is exported to Garut's own backends only.
 */
public final class Memory {
  /** Address 0 up to 2⁶³−1. */
  @SuppressWarnings("restricted") // the reason is the class comment
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Memory() {}
}
