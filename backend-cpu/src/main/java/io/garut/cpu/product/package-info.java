/** Binds matrix products and linear layers to the kernels of {@code io.garut.cpu.matmul}. */
package io.garut.cpu.product;
