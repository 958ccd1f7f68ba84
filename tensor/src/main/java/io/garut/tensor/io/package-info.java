/**
 * Checkpoints: named tensors in files, opened without copying them.
 *
 * <p>{@link io.garut.tensor.io.Checkpoint#open} reads safetensors, PyTorch's zip files, GGUF, and Hugging Face folders
 * of these, sharded or not; {@link io.garut.tensor.io.CheckpointWriter} writes safetensors and GGUF. A file is not
 * trusted: what it says about itself is checked before it is acted upon, nothing in it is ever executed, and what is
 * wrong ends in one {@link io.garut.tensor.io.CheckpointException} that names the file and the place.
 */
package io.garut.tensor.io;
