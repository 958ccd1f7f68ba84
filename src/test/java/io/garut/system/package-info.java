/** Tests of the whole: conformance, the command, a consumer of the artifacts. */
package io.garut.system;
