package io.garut.train.spark;

import java.nio.file.Path;

/**
 * What came out of a run.
 *
 * @param model a folder that Garut and Transformers load
 * @param steps how many steps the run has
 * @param restarts how often Spark had to start the ranks again
 */
public record FinetunedModel(Path model, long steps, int restarts) {}
