/** What a user holds: tensors, their shapes and element types. */
package io.garut.tensor;
