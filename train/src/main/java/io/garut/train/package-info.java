/** Training: the step, from examples to changed parameters. */
package io.garut.train;
