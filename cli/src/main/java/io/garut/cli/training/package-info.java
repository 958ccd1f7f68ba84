/** The commands that train: {@code garut pretrain} and {@code garut finetune}, and what they share. */
package io.garut.cli.training;
