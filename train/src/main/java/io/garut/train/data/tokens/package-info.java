/**
 * Texts as one long row of tokens in a file, for training from scratch: written once, mapped into memory, and cut into
 * windows of the context's length.
 */
package io.garut.train.data.tokens;
