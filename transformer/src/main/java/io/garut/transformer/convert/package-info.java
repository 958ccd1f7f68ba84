/**
 * Models from one file format to another: {@link io.garut.transformer.convert.Converter} writes Hugging Face folders
 * and GGUF files, {@link io.garut.transformer.convert.Quantizer} GGUF files in block formats.
 */
package io.garut.transformer.convert;
