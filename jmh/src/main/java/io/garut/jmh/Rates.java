package io.garut.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Secondary results: what a benchmark adds up while it runs, JMH reports per second. */
public final class Rates {
  private Rates() {}

  /** Arithmetic. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Flops {
    /** 10⁹ additions and multiplications, each counted. */
    public double gigaflop;

    /** Adds {@code count} operations. */
    void add(double count) {
      gigaflop += count * 1e-9;
    }
  }

  /** Memory that has to be read, or read and written. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Bytes {
    /** 10⁹ bytes. */
    public double gigabyte;

    /** Adds {@code count} bytes. */
    void add(long count) {
      gigabyte += count * 1e-9;
    }
  }

  /** Elements of a result. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Elements {
    /** 10⁹ elements. */
    public double gigaelement;

    /** Adds {@code count} elements. */
    void add(long count) {
      gigaelement += count * 1e-9;
    }
  }

  /** Text. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Text {
    /** 10⁶ bytes of UTF-8. */
    public double megabyte;

    /** Tokens. */
    public double token;

    /** Adds {@code bytes} of text, {@code tokens} long. */
    void add(long bytes, long tokens) {
      megabyte += bytes * 1e-6;
      token += tokens;
    }
  }

  /** Tokens that a model decodes, and the weights that it reads for them. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Decoded {
    /** Tokens. */
    public double token;

    /** 10⁹ bytes of weights. */
    public double gigabyte;

    /** Adds {@code tokens}, for which {@code bytes} of weights were read. */
    void add(long tokens, long bytes) {
      token += tokens;
      gigabyte += bytes * 1e-9;
    }
  }

  /** Tokens that are read together, and the arithmetic that they take. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Prompted {
    /** Tokens. */
    public double token;

    /** 10⁹ additions and multiplications, each counted. */
    public double gigaflop;

    /** Adds {@code tokens}, for which {@code flops} were computed. */
    void add(long tokens, double flops) {
      token += tokens;
      gigaflop += flops * 1e-9;
    }
  }
}
