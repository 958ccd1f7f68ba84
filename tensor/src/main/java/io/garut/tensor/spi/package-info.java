/**
 * The one seam between tensors and what computes them: {@link io.garut.tensor.spi.Executor} takes every operation,
 * {@link io.garut.tensor.spi.Backend} gives it storage and a kernel, {@link io.garut.tensor.spi.Plan} replays what was
 * recorded.
 */
package io.garut.tensor.spi;
