"""Makes small checkpoints with PyTorch, safetensors and gguf-py, for the readers' tests.

    pip install torch safetensors gguf numpy
    python checkpoint_fixtures.py ../resources/io/garut/tensor/io

state.bin           torch.save of a state dict with every storage type, views, a transposed tensor, a parameter
state.safetensors   the same tensors, contiguous, written by safetensors
legacy.bin          the form that torch.save wrote before PyTorch 1.6
types.gguf          metadata of every type, and a few tensors, written by gguf-py
"""
import collections
import pathlib
import sys

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from gguf import GGUFValueType as V
from safetensors.torch import save_file

out = pathlib.Path(sys.argv[1])
torch.manual_seed(20230412)

matrix = torch.randn(5, 7)
cube = torch.randn(2, 3, 4)
state = collections.OrderedDict(
    f32=matrix,
    f16=torch.randn(3, 5).half(),
    bf16=torch.randn(4, 3).bfloat16(),
    f64=torch.randn(3).double(),
    i64=torch.arange(-3, 4),
    i32=torch.tensor([1, -2, 2**31 - 1], dtype=torch.int32),
    bool=torch.tensor([[True, False], [False, True]]),
    u8=torch.arange(4, dtype=torch.uint8),
    i8=torch.arange(-2, 2, dtype=torch.int8),
    i16=torch.arange(-2, 2, dtype=torch.int16),
    scalar=torch.tensor(-1e9),
    empty=torch.empty(0, 3),
    tied=matrix,
    rows=matrix[2:4],
    odd=torch.randn(9).half()[1:],
    transposed=matrix.t(),
    permuted=cube.permute(2, 0, 1),
    column=matrix[:, 3],
    parameter=torch.nn.Parameter(torch.randn(2, 2)),
)
state._metadata = collections.OrderedDict({"": {"version": 1}})
torch.save(state, out / "state.bin")
torch.save({"w": torch.ones(2)}, out / "legacy.bin", _use_new_zipfile_serialization=False)
plain = {k: v.detach().clone().contiguous() for k, v in state.items()}
save_file(plain, out / "state.safetensors", metadata={"format": "pt", "note": "ünï\n\"quoted\""})

writer = gguf.GGUFWriter(str(out / "types.gguf"), "garut-test")
for kind, value in (
    (V.UINT8, 200), (V.INT8, -100), (V.UINT16, 60000), (V.INT16, -30000), (V.UINT32, 4000000000), (V.INT32, -2000000000),
    (V.UINT64, 2**64 - 2), (V.INT64, -(2**62)), (V.FLOAT32, 0.1), (V.FLOAT64, 0.1), (V.BOOL, True), (V.STRING, "größe 🐑"),
):
    writer.add_key_value(f"one.{kind.name.lower()}", value, kind)
writer.add_array("many.strings", ["a", "", "ß"])
writer.add_array("many.ints", [1, -2, 3])
writer.add_array("many.floats", [0.5, -0.25])
writer.add_array("many.flags", [True, False])
writer.add_array("many.nested", [[1, 2], [3]])
writer.add_tensor("plain.f32", np.arange(6, dtype=np.float32).reshape(2, 3))
writer.add_tensor("plain.f16", np.arange(5, dtype=np.float16))
writer.add_tensor("deep.f32", np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4))
writer.add_tensor("counts.i64", np.arange(3, dtype=np.int64))
writer.add_tensor("small.i8", np.arange(3, dtype=np.int8))
writer.add_tensor("foreign.q2_k", np.zeros((1, 84), dtype=np.uint8), raw_dtype=T.Q2_K)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
