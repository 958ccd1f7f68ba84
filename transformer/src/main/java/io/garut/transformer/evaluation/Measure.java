package io.garut.transformer.evaluation;

/** What is told of a task, with lm-evaluation-harness's name. */
public enum Measure {
  /** The share of questions whose most probable choice is right, or whose continuation greedy decoding gives. */
  ACC("acc", true),
  /** The share of questions whose choice of the largest log-likelihood per character is right. */
  ACC_NORM("acc_norm", true),
  /** exp(−mean log-likelihood) of the continuations. */
  PERPLEXITY("perplexity", false);

  private final String id;
  private final boolean higherIsBetter;

  Measure(String id, boolean higherIsBetter) {
    this.id = id;
    this.higherIsBetter = higherIsBetter;
  }

  /** The harness's name. */
  public String id() {
    return id;
  }

  /** Whether more is better. */
  public boolean higherIsBetter() {
    return higherIsBetter;
  }
}
