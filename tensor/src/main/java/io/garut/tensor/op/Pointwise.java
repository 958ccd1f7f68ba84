package io.garut.tensor.op;

import io.garut.tensor.DType;
import io.garut.tensor.Shape;

/** Operations on each element by itself. */
public sealed interface Pointwise extends Op {

  /** Functions of one element. */
  enum Function {
    /** −x. */
    NEG,
    /** |x|. */
    ABS,
    /** −1, 0 or 1. */
    SIGN,
    /** x². */
    SQUARE,
    /** Square root. */
    SQRT,
    /** 1/√x. */
    RSQRT,
    /** 1/x. */
    RECIPROCAL,
    /** eˣ. */
    EXP,
    /** Natural logarithm. */
    LOG,
    /** Sine. */
    SIN,
    /** Cosine. */
    COS,
    /** Hyperbolic tangent. */
    TANH,
    /** The error function. */
    ERF,
    /** 1/(1 + e⁻ˣ). */
    SIGMOID,
    /** Largest integer not above x. */
    FLOOR,
    /** Smallest integer not below x. */
    CEIL,
    /** Nearest integer, ties to even. */
    ROUND
  }

  /** Questions about one element, answered as BOOL. */
  enum Test {
    /** Not true; of BOOL. */
    NOT,
    /** Not a number; of floating-point types. */
    IS_NAN,
    /** Neither infinite nor not a number; of floating-point types. */
    IS_FINITE
  }

  /** Functions of two elements. */
  enum Function2 {
    /** a + b. */
    ADD,
    /** a − b. */
    SUB,
    /** a · b. */
    MUL,
    /** a / b; of integers, towards zero. */
    DIV,
    /** aᵇ; of floating-point types. */
    POW,
    /** The larger; NaN if either is. */
    MAX,
    /** The smaller; NaN if either is. */
    MIN
  }

  /** Relations between two elements. */
  enum Relation {
    /** a = b. */
    EQ,
    /** a ≠ b. */
    NE,
    /** a &lt; b. */
    LT,
    /** a ≤ b. */
    LE,
    /** a &gt; b. */
    GT,
    /** a ≥ b. */
    GE
  }

  /** Logic of two BOOLs. */
  enum Logic {
    /** Both. */
    AND,
    /** At least one. */
    OR,
    /** Exactly one. */
    XOR
  }

  /** {@code function} of every element. Integers take NEG, ABS, SIGN and SQUARE only. */
  record Unary(Function function) implements Pointwise {
    @Override
    public String name() {
      return Rules.name(function);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      boolean exact =
          switch (function) {
            case NEG, ABS, SIGN, SQUARE -> true;
            case SQRT, RSQRT, RECIPROCAL, EXP, LOG, SIN, COS, TANH, ERF, SIGMOID, FLOOR, CEIL, ROUND -> false;
          };
      Rules.check(
          inputs[0].dtype().isFloat() || exact && inputs[0].dtype().isInteger(), this, "does not take %s", inputs[0]);
      return Rules.one(inputs[0].dtype(), inputs[0].shape());
    }
  }

  /** {@code test} of every element. */
  record Is(Test test) implements Pointwise {
    @Override
    public String name() {
      return Rules.name(test);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      boolean fits = test == Test.NOT ? inputs[0].dtype() == DType.BOOL : inputs[0].dtype().isFloat();
      Rules.check(fits, this, "does not take %s", inputs[0]);
      return Rules.one(DType.BOOL, inputs[0].shape());
    }
  }

  /** A layer's non-linearity, of floating-point types. */
  record Activate(Activation activation) implements Pointwise {
    @Override
    public String name() {
      return Rules.name(activation);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      Rules.floating(this, inputs);
      return Rules.one(inputs[0].dtype(), inputs[0].shape());
    }
  }

  /** {@code function} of two tensors of one numeric type, broadcast. */
  record Binary(Function2 function) implements Pointwise {
    @Override
    public String name() {
      return Rules.name(function);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.sameType(this, inputs[0], inputs[1]);
      boolean fits = inputs[0].dtype().isFloat() || function != Function2.POW && inputs[0].dtype().isInteger();
      Rules.check(fits, this, "does not take %s", inputs[0]);
      return Rules.one(inputs[0].dtype(), Shape.broadcast(name(), inputs[0].shape(), inputs[1].shape()));
    }
  }

  /** {@code relation} of two tensors of one type, broadcast, as BOOL. */
  record Compare(Relation relation) implements Pointwise {
    @Override
    public String name() {
      return Rules.name(relation);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      Rules.sameType(this, inputs[0], inputs[1]);
      Rules.plain(this, inputs);
      return Rules.one(DType.BOOL, Shape.broadcast(name(), inputs[0].shape(), inputs[1].shape()));
    }
  }

  /** {@code logic} of two BOOL tensors, broadcast. */
  record Combine(Logic logic) implements Pointwise {
    @Override
    public String name() {
      return Rules.name(logic);
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 2, 2);
      boolean fits = inputs[0].dtype() == DType.BOOL && inputs[1].dtype() == DType.BOOL;
      Rules.check(fits, this, "takes BOOL, not %s and %s", inputs[0], inputs[1]);
      return Rules.one(DType.BOOL, Shape.broadcast(name(), inputs[0].shape(), inputs[1].shape()));
    }
  }

  /** Where the first input (BOOL) is true the second, else the third; all three broadcast. */
  record Where() implements Pointwise {
    @Override
    public String name() {
      return "where";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 3, 3);
      Rules.check(inputs[0].dtype() == DType.BOOL, this, "the condition %s must be BOOL", inputs[0]);
      Rules.sameType(this, inputs[1], inputs[2]);
      Rules.plain(this, inputs);
      Shape both = Shape.broadcast(name(), inputs[1].shape(), inputs[2].shape());
      return Rules.one(inputs[1].dtype(), Shape.broadcast(name(), inputs[0].shape(), both));
    }
  }

  /**
   * Every element in another type: to a narrower floating-point type rounding to nearest even, to an integer towards
   * zero and saturating, to BOOL by ≠ 0; from a block format decoding; to Q8_0 and Q4_0 as ggml quantises.
   */
  record Cast(DType dtype) implements Pointwise {
    @Override
    public String name() {
      return "cast";
    }

    @Override
    public Spec[] infer(Spec... inputs) {
      Rules.count(this, inputs, 1, 1);
      DType from = inputs[0].dtype();
      long last = inputs[0].shape().last();
      Rules.check(
          !dtype.isBlock() || dtype == from || (dtype == DType.Q8_0 || dtype == DType.Q4_0) && from.isFloat(),
          this,
          "%s cannot become %s; only Q8_0 and Q4_0 are made, from floating-point tensors",
          inputs[0],
          dtype);
      Rules.check(
          last % dtype.blockSize() == 0,
          this,
          "%s holds blocks of %d along the last axis; that of %s is %d long",
          dtype,
          dtype.blockSize(),
          inputs[0],
          last);
      Rules.check(
          !from.isBlock() || dtype.isFloat() || dtype == from,
          this,
          "%s decodes to a floating-point type only",
          inputs[0]);
      return Rules.one(dtype, inputs[0].shape());
    }
  }
}
