package io.garut.train.run;

/**
 * What the model answered during training.
 *
 * @param prompt the same at every evaluation
 * @param answer to it, as it came
 */
public record Sample(String prompt, String answer) {}
