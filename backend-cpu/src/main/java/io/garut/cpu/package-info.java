/** Kernels for the CPU and the threads that run them. */
package io.garut.cpu;
