"""Writes what NumPy, PyTorch, Transformers and mpmath make of small tensors, for TensorFixtureTest.

Run from this folder: python tensor_fixtures.py > ../resources/io/garut/tensor/fixtures.json
Floating-point results are computed in float64 from inputs that float32 holds, so that they bound ours by its own rounding.
"""

import json
import math
import sys

import mpmath
import numpy as np
import torch
from transformers.activations import ACT2FN
from transformers.models.gpt_neox.modeling_gpt_neox import apply_rotary_pos_emb

torch.manual_seed(20260101)
TYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.bool: "BOOL",
}
cases = []


def number(x):
    if isinstance(x, bool):
        return int(x)
    if isinstance(x, int) or math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def packed(t, dtype=None):
    t = torch.as_tensor(t)
    return {
        "dtype": TYPES[dtype or t.dtype],
        "shape": list(t.shape),
        "values": [number(x) for x in t.flatten().tolist()],
    }


def case(op, inputs, outputs, **parameters):
    cases.append({"op": op, "parameters": parameters, "inputs": [packed(t) for t in inputs], "outputs": outputs})


def exact(op, inputs, *outputs, **parameters):
    case(op, inputs, [packed(t) for t in outputs], **parameters)


def close(op, inputs, function, **parameters):
    """float32 inputs; the result computed in float64, to be met in F32."""
    wide = [t.double() if t.dtype == torch.float32 else t for t in inputs]
    case(op, inputs, [packed(function(*wide), torch.float32)], **parameters)


def randn(*shape):
    return torch.randn(shape)


def ints(low, high, *shape, dtype=torch.int32):
    return torch.randint(low, high, shape, dtype=dtype)


# broadcasting arithmetic
for name, function in {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "max": torch.maximum, "min": torch.minimum
}.items():
    for a, b in [((3, 1, 4), (2, 1)), ((5,), ()), ((2, 3), (2, 3)), ((1, 3), (4, 1))]:
        close(name, [randn(*a), randn(*b)], function)
        x, y = ints(-9, 9, *a), ints(1, 5, *b)
        exact(name, [x, y], torch.div(x, y, rounding_mode="trunc") if name == "div" else function(x, y))
close("pow", [randn(2, 5).abs(), randn(5)], torch.pow)
for name, function in {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}.items():
    x, y = ints(-2, 3, 3, 1).float(), ints(-2, 3, 4).float()
    x[0] = math.nan
    exact(name, [x, y], function(x, y))
for name, function in {"and": torch.logical_and, "or": torch.logical_or, "xor": torch.logical_xor}.items():
    x, y = torch.tensor([[True], [False]]), torch.tensor([True, False, True])
    exact(name, [x, y], function(x, y))
condition, x, y = torch.tensor([[True], [False]]), randn(3), randn(2, 1)
exact("where", [condition, x, y], torch.where(condition, x, y))

# functions
for name, function in {
    "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "square": torch.square, "exp": torch.exp, "sin": torch.sin,
    "cos": torch.cos, "tanh": torch.tanh, "erf": torch.erf, "sigmoid": torch.sigmoid, "floor": torch.floor,
    "ceil": torch.ceil, "round": torch.round, "reciprocal": torch.reciprocal,
}.items():
    close(name, [torch.cat([3 * randn(13), torch.tensor([0.5, 1.5, 2.5, -0.5])])], function)
for name, function in {"sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "log": torch.log}.items():
    close(name, [randn(13).abs()], function)
special = torch.tensor([0.0, math.inf, -math.inf, math.nan, 1.0])
exact("is_nan", [special], torch.isnan(special))
exact("is_finite", [special], torch.isfinite(special))
for ours, theirs in {
    "IDENTITY": "linear", "GELU": "gelu", "GELU_TANH": "gelu_new", "GELU_10": "gelu_10", "QUICK_GELU": "quick_gelu",
    "RELU": "relu", "RELU2": "relu2", "RELU6": "relu6", "LEAKY_RELU": "leaky_relu", "SILU": "silu", "SIGMOID": "sigmoid",
    "TANH": "tanh", "MISH": "mish", "LAPLACE": "laplace", "HARDSWISH": "hardswish",
}.items():
    x = torch.cat([3 * randn(13), torch.tensor([0.0, 12.0, -12.0])])
    close("activate", [x], ACT2FN[theirs], activation=ours)
x = torch.linspace(-6, 6, 97, dtype=torch.float64)
case("erf", [x], [packed(torch.tensor([float(mpmath.erf(mpmath.mpf(v))) for v in x.tolist()], dtype=torch.float64))])

# casts
x = torch.tensor([0.1, -0.1, 1.5, -1.5, 65519.0, 65520.0, 1e-8, 6e-8, 1.00390625, 1.01171875, 3e38, 2049.0, 2051.0])
for dtype in [torch.float64, torch.float16, torch.bfloat16]:
    exact("cast", [x], x.to(dtype), to=TYPES[dtype])
x = torch.tensor([0.9, -0.9, 1e6, -7.5, 0.0])
for dtype in [torch.int32, torch.int64, torch.bool]:
    exact("cast", [x], x.to(dtype), to=TYPES[dtype])
x = ints(-5, 5, 7, dtype=torch.int64) * 987654321
for dtype in [torch.float32, torch.float64, torch.bool]:
    exact("cast", [x], x.to(dtype), to=TYPES[dtype])

# reductions
x = randn(2, 3, 4)
for axes in [[], [0], [-1], [0, 2], [1, -1]]:
    for keep in [False, True]:
        dims = axes or [0, 1, 2]
        close("sum", [x], lambda t: t.sum(dims, keepdim=keep), axes=axes, keep=keep)
        close("mean", [x], lambda t: t.mean(dims, keepdim=keep), axes=axes, keep=keep)
        exact("max", [x], x.amax(dims, keepdim=keep), axes=axes, keep=keep)
        exact("min", [x], x.amin(dims, keepdim=keep), axes=axes, keep=keep)
n = ints(-9, 9, 3, 4)
exact("sum", [n], n.sum(1).int(), axes=[1], keep=False)
exact("prod", [n], n.prod(0).int(), axes=[0], keep=False)
close("prod", [x], lambda t: t.prod(1), axes=[1], keep=False)
for axis in [0, 1, -1]:
    exact("argmax", [x], x.argmax(axis), axis=axis)
    exact("argmin", [x], x.argmin(axis), axis=axis)
    close("softmax", [x], lambda t: t.softmax(axis), axis=axis)
    close("log_softmax", [x], lambda t: t.log_softmax(axis), axis=axis)
x = randn(3, 9)
values, indices = x.topk(4)
exact("top_k", [x], values, indices, k=4)

# movement
x = randn(2, 3, 4)
exact("permute", [x], x.permute(2, 0, 1), axes=[2, 0, 1])
exact("transpose", [x], x.transpose(-2, -1))
exact("broadcast_to", [x[:, :1]], x[:, :1].broadcast_to(5, 2, 3, 4), shape=[5, 2, 3, 4])
exact("slice", [x], torch.from_numpy(np.ascontiguousarray(x.numpy()[:, :, 1:4:2])), axis=2, start=1, stop=4, step=2)
exact("slice", [x], x[:, 1:3], axis=1, start=1, stop=3, step=1)
exact("select", [x], x.select(1, 2), axis=1, index=2)
exact("concat", [x, x[:, :1], x], torch.cat([x, x[:, :1], x], 1), axis=1)

# indexing
x = randn(4, 5)
index = ints(0, 4, 2, 5, dtype=torch.int64)
exact("gather", [x, index], x.gather(0, index), axis=0)
index = ints(0, 5, 4, 3, dtype=torch.int64)
exact("gather", [x, index], x.gather(1, index), axis=1)
source = ints(-9, 9, 4, 3).float()
whole = ints(-9, 9, 4, 5).float()
exact("scatter_add", [whole, index, source], whole.scatter_add(1, index, source), axis=1)
index = torch.stack([torch.randperm(5)[:3] for _ in range(4)])
exact("scatter", [x, index, source], x.scatter(1, index, source), axis=1)
index = torch.tensor([2, 0, 2])
exact("index_select", [x, index], x.index_select(1, index), axis=1)
exact("embedding", [x, index.int()], torch.nn.functional.embedding(index, x))

# products
for a, b in [((3, 4), (4, 5)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 2))]:
    close("matmul", [randn(*a), randn(*b)], torch.matmul)
close("matmul_transposed", [randn(2, 3, 4), randn(2, 5, 4)], lambda a, b: a @ b.transpose(-2, -1))
close("linear", [randn(2, 3, 8), randn(5, 8), randn(5)],
      lambda x, w, b: torch.nn.functional.gelu(torch.nn.functional.linear(x, w, b)), activation="GELU")
close("linear", [randn(3, 8), randn(5, 8)], torch.nn.functional.linear, activation="IDENTITY")

# layers
close("layer_norm", [5 * randn(2, 3, 16) + 2, randn(16), randn(16)],
      lambda x, w, b: torch.nn.functional.layer_norm(x, [16], w, b, 1e-5), epsilon=1e-5)
logits, labels = 4 * randn(5, 7), torch.tensor([3, -100, 0, 6, 3], dtype=torch.int32)
close("cross_entropy", [logits, labels], lambda x, y: torch.nn.functional.cross_entropy(x, y.long(), reduction="none"))
x, positions = randn(4, 2, 8), torch.tensor([0, 3, 1, 5], dtype=torch.int32)
angles = torch.outer(torch.arange(6), 10000 ** (-torch.arange(0, 4, 2) / 4))
cosines, sines = angles.cos(), angles.sin()


def rotary(x, positions, cosines, sines):
    cos = torch.cat([cosines, cosines], -1)[positions.long()]
    sin = torch.cat([sines, sines], -1)[positions.long()]
    return apply_rotary_pos_emb(x[None], x[None], cos[None], sin[None], unsqueeze_dim=2)[0][0]


close("rotary", [x, positions, cosines, sines], rotary)


def attended(q, k, v, mask):
    """q [T, H, D], k and v [S, G, D], mask [T, S]"""
    q, k, v = (t.transpose(0, 1)[None] for t in (q, k, v))
    result = torch.nn.functional.scaled_dot_product_attention(q, k, v, mask[None, None], scale=0.25, enable_gqa=True)
    return result[0].transpose(0, 1)


tokens = torch.arange(6)
starts = torch.tensor([0, 0, 0, 3, 3, 5], dtype=torch.int32)
mask = (tokens[None, :] <= tokens[:, None]) & (tokens[None, :] >= starts[:, None])
close("attention", [randn(6, 4, 5), randn(6, 2, 5), randn(6, 2, 5), starts], lambda q, k, v, _: attended(q, k, v, mask),
      scale=0.25)
slots, positions = torch.tensor([1, 0, 1], dtype=torch.int32), torch.tensor([3, 0, 5], dtype=torch.int32)


def cached(q, keys, values, slots, positions):
    rows = []
    for t in range(3):
        seen = (torch.arange(6) <= positions[t])[None]
        k, v = (cache[slots[t]].transpose(0, 1) for cache in (keys, values))
        rows.append(attended(q[t:t + 1], k, v, seen))
    return torch.cat(rows)


close("cached_attention", [randn(3, 4, 5), randn(2, 2, 6, 5), randn(2, 2, 6, 5), slots, positions], cached, scale=0.25)

sys.stdout.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
