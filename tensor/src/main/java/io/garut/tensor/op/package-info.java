/**
 * The closed vocabulary of operations, with their shape rules. An operation is a record: what is fixed about a
 * computation. Backends give it kernels, the tape gives it gradients.
 */
package io.garut.tensor.op;
