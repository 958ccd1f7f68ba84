/** Kernels that compute each element by itself, and the elementary functions that they share. */
package io.garut.cpu.pointwise;
