/**
 * Fine-tuning as Dolly 2.0 was made: what it reads of a model before the weights, and the numbers that hold unless told
 * otherwise.
 */
package io.garut.train.finetune;
