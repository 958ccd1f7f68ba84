/**
 * One suite for every backend: each operation, type and awkward shape against the plain loops of the reference, and replay
 * against eager execution. A backend's tests extend {@link io.garut.tensor.conformance.BackendConformance}.
 */
package io.garut.tensor.conformance;
