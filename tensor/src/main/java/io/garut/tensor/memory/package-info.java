/** Unchecked memory, for Garut's own backends only. */
package io.garut.tensor.memory;
