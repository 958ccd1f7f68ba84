/**
 * What a training run leaves on the disk: {@link io.garut.train.run.Checkpoints} that a run goes on from, bit for bit.
 */
package io.garut.train.run;
