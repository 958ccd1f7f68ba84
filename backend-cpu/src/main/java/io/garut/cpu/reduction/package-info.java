/** Kernels that sum up an axis, or look along one. */
package io.garut.cpu.reduction;
