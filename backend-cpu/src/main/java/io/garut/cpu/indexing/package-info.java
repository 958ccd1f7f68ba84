/** Kernels that address elements by indices in a tensor. */
package io.garut.cpu.indexing;
