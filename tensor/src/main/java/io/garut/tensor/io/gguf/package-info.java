/**
 * GGUF, ggml's file format: typed metadata, a list of tensors, the data. Internal; see {@link
 * io.garut.tensor.io.Checkpoint} and {@link io.garut.tensor.io.CheckpointWriter}.
 */
package io.garut.tensor.io.gguf;
