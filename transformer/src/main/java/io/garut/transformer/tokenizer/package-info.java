/**
 * Text to token ids and back: byte-level BPE as Hugging Face's {@code tokenizers} reads it from a tokenizer.json, or as
 * a GGUF file carries it, and the training of such a vocabulary.
 *
 * <pre>{@code
 * Tokenizer tokenizer = ByteLevelBpe.open(Path.of("pythia-160m"));
 * int[] ids = tokenizer.encode("Why do sheep flock together?");
 * String text = tokenizer.decode(ids);
 * }</pre>
 */
package io.garut.transformer.tokenizer;
