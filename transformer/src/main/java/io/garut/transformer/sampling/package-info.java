/**
 * From logits to the next token: the logits processors of Hugging Face's Transformers in its order, and a seeded draw.
 *
 * <pre>{@code
 * Sampler sampler = new Sampler(SamplingParameters.sampling().withTopP(0.92).withSeed(7), vocabulary);
 * int next = sampler.sample(logits, history, historyLength);
 * }</pre>
 *
 * <p>All work is done in the caller's array and in arrays made once: a token takes no heap.
 */
package io.garut.transformer.sampling;
