/**
 * ZeRO (Rajbhandari et al., 2020): optimizer states, gradients and weights of one model, shared out among ranks. {@link
 * io.garut.train.shard.ShardedGroup} is what a trainer sees of it.
 */
package io.garut.train.shard;
