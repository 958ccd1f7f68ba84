/**
 * The safetensors format: eight bytes of header length, a JSON header, the data. Internal; see {@link
 * io.garut.tensor.io.Checkpoint} and {@link io.garut.tensor.io.CheckpointWriter}.
 */
package io.garut.tensor.io.safetensors;
