/**
 * The backend on TornadoVM. Elements lie in two arenas on the device, {@code float}s and 32-bit words; a tensor's storage has a
 * range of one of them, and memory on the host where somebody looks at it there ({@link io.garut.gpu.DeviceStorage}). A kernel
 * is one task of one execution plan, compiled once for all shapes: ranges, sizes and strides are its parameters ({@link
 * io.garut.gpu.Device}).
 */
package io.garut.gpu;
