/** Kernels that move elements and change none. */
package io.garut.cpu.movement;
