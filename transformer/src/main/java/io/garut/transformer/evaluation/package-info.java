/** How well a model predicts given text: log-likelihoods and perplexity. */
package io.garut.transformer.evaluation;
