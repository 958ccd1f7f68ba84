/**
 * Benchmarks, each a class that JMH runs: {@code java -jar jmh/target/benchmarks.jar MatVec -rf json -rff matvec.json}.
 *
 * <p>They go through the public interface, on the backend that {@code -p backend=cpu,reference} names. Rates stand
 * beside JMH's own score as secondary results: gigaflop, gigabyte, gigaelement, megabyte of text and token, each per
 * second. docs/performance.md says how to read them.
 */
package io.garut.jmh;
