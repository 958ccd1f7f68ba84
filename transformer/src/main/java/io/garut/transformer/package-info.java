/** Layers, models, tokenizers and generation. */
package io.garut.transformer;
