/**
 * Collectives: what the ranks of a group do together with pieces of memory. One contract ({@link
 * io.garut.train.comm.Collective}) for ranks that are threads of a process, processes of a machine, or machines.
 *
 * <p>Every operation is announced with its number, kind, region and layout before a byte of it is read, and has a
 * deadline: ranks that disagree, come late or are lost are named, with the operation and the region, on every other
 * rank. {@link io.garut.train.comm.Transport} is the seam: sums, checks and counts are the same above every transport.
 */
package io.garut.train.comm;
