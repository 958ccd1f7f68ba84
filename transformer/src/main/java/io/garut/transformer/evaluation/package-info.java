/** How well a model predicts given text: log-likelihoods, perplexity, and the tasks of lm-evaluation-harness. */
package io.garut.transformer.evaluation;
