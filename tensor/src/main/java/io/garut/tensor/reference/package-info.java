/** The oracle: plain loops for every operation and every type. */
package io.garut.tensor.reference;
