/** Kernels that make tensors from nothing. */
package io.garut.cpu.creation;
