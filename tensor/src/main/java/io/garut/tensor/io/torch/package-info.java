/**
 * What {@code torch.save} writes: a zip archive of a pickle, which describes the tensors, and one file for each
 * storage. Internal; see {@link io.garut.tensor.io.Checkpoint}.
 *
 * <p>A pickle is a program. {@link io.garut.tensor.io.torch.Unpickler} is no interpreter for it: it builds lists,
 * dictionaries and descriptions of tensors, from a short list of opcodes and names; it calls nothing.
 */
package io.garut.tensor.io.torch;
