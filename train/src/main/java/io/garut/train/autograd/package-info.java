/**
 * Gradients of any computation on tensors: a {@link io.garut.train.autograd.Tape} decorates the executor, and a table of
 * rules, one file for each family of operations, says which operations flow back through which.
 */
package io.garut.train.autograd;
