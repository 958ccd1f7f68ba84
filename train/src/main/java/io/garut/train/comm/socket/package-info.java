/**
 * Ranks that reach one another over sockets: Unix domain sockets on one machine, TCP between machines, TLS over either.
 *
 * <p>Each pair of ranks has two connections. One carries headers and pieces, straight from and to their memory. The
 * other says why a rank leaves: it is never full, so the reason arrives whatever the first one is in the middle of. All
 * of it is non-blocking, on the thread that calls: when an operation ends, nothing holds its memory.
 */
package io.garut.train.comm.socket;
