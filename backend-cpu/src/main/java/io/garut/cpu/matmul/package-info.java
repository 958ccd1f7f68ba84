/**
 * Products of matrices.
 *
 * <p>All kernels read matrices in <em>panels</em>: 32 columns of B side by side, k after k, so that one step of k is one or
 * two cache lines, and every lane of a vector belongs to another column. Each output is therefore the sum of its own products
 * in one fixed order, the same for every vector width, number of threads and number of rows: products are added one after the
 * other by fused multiply-add within blocks of {@link io.garut.cpu.matmul.Blocking#KC} along k, and the blocks' sums one
 * after the other.
 *
 * <p>Kernels are written out in one method each: calls to helpers of one's own inside a loop over vectors exceed what C2
 * inlines, and vectors that are handed over become objects. For the same reason accumulators are named locals.
 */
package io.garut.cpu.matmul;
