/**
 * Kernels for the coarse operations of a transformer: attention, layer normalisation, rotary embedding,
 * cross-entropy.
 */
package io.garut.cpu.layer;
