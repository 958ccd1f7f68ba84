/** README.md's lines, in someone else's project that uses the installed artifacts. */
package io.garut.system.consumer;
