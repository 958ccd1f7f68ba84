/** Training data: records and their files, prompts and masks, splits, shuffling, packing into batches. */
package io.garut.train.data;
