/** Kernels that write into their first inputs: optimizers' steps, and sums and copies in place. */
package io.garut.cpu.update;
