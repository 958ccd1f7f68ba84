/** What makes parameters out of gradients: optimizers, learning rates, clipping, loss scales. Definitions are PyTorch's. */
package io.garut.train.optim;
