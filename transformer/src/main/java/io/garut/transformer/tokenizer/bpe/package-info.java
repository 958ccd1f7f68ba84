/**
 * The machinery below a byte-level BPE tokenizer: UTF-8, normalisation, splitting into words, merging. Not exported.
 *
 * <p>Text travels as UTF-8 bytes, because the model's alphabet is the 256 bytes. What reaches this package is checked:
 * ranges lie inside their arrays and bytes are valid UTF-8.
 */
package io.garut.transformer.tokenizer.bpe;
