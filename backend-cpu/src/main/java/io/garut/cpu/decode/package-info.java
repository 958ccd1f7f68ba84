/** Weights that are stored in fewer bits, turned into F32. */
package io.garut.cpu.decode;
