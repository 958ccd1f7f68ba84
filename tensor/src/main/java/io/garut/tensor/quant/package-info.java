/**
 * Numbers in fewer bits: the block formats of ggml, the two 16-bit floats, and conversion between any of them and F32.
 *
 * <p>Everything here works on memory and knows no tensors. Decoding and encoding reproduce ggml's reference code bit
 * for bit; products and sums are rounded one by one, never fused.
 */
package io.garut.tensor.quant;
