/**
 * The order in which examples are learnt: shuffled for each epoch, grouped into micro-batches, some of them a step. All
 * of it depends on the examples, the settings and a seed alone, so a {@link io.garut.train.data.batch.Position} is all
 * that a checkpoint stores of it.
 */
package io.garut.train.data.batch;
