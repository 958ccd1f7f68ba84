/**
 * What a training run leaves on the disk: its {@link io.garut.train.run.RunFolder} with settings, metrics, TensorBoard events
 * and a report, and the {@link io.garut.train.run.Checkpoints} that it goes on from, bit for bit.
 */
package io.garut.train.run;
