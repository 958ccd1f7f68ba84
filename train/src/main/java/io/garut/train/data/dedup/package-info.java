/** Finds records that say nearly the same: MinHash signatures, bands of them as keys, and the exact measure at the end. */
package io.garut.train.data.dedup;
