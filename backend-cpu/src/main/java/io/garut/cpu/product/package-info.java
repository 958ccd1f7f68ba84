/** Binds matrix products and linear layers to the kernels of {@link io.garut.cpu.matmul}. */
package io.garut.cpu.product;
