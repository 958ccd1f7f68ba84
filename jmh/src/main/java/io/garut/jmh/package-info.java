/** Benchmarks of the kernels, the tokenizer and whole models. */
package io.garut.jmh;
