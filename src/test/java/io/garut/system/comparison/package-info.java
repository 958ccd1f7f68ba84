/** Programs that hand what Garut does to another implementation, to be compared with by hand; no tests. */
package io.garut.system.comparison;
