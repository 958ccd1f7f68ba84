/**
 * What runs on the device. Every kernel has the same parameters: the context, both arenas, numbers (where in the arenas
 * operands begin, their sizes), factors. The names begin with {@code k}: TornadoVM makes names of C of them, where {@code exp}
 * and {@code half} are taken.
 *
 * <p>TornadoVM's compiler takes part of Java only, and makes wrong code of some of the rest, without an error: integers are
 * taken from an {@code IntArray}, never from bytes or shorts with a mask (these become unsigned); no {@code >>>} of what may be
 * negative, which becomes {@code >>} and loses a mask that follows it, and none of a {@code long}; no array of local memory as
 * an argument of a method, which takes offsets of bytes for places in it; no {@code Math.fma}; no bits of floats in arithmetic;
 * no NaN or infinity as a constant; no {@code getSize} of an arena, which becomes a constant; no {@code switch} with a number
 * left out among its cases (those after it are lost); no {@code (long)} of a {@code double}, which goes through an {@code int}.
 * Comparisons are turned round as if there were no NaN: where there may be one, ask {@code x != x} by itself, and last. A
 * method that is called may have some 600 nodes, and is inlined.
 */
package io.garut.gpu.kernel;
