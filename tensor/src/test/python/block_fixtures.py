"""Makes the golden files of the block formats with gguf-py, ggml's own Python package.

    pip install gguf safetensors numpy
    python block_fixtures.py ../resources/io/garut/tensor/quant

blocks.gguf             random blocks of each format, scales of all magnitudes, special ones included
blocks.safetensors      what gguf.quants.dequantize makes of them, F32
plain.safetensors       F32 rows that are awkward to quantise
encoded.gguf            what gguf.quants.quantize makes of them in Q8_0 and Q4_0
"""
import pathlib
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T
from safetensors.numpy import save_file

out = pathlib.Path(sys.argv[1])
random = np.random.default_rng(20230412)

# Format: bytes at which an F16 lies in each block; random bits there would mostly be absurd numbers.
SCALES = {T.Q8_0: [0], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}
SPECIAL = [0.0, -0.0, 6e-8, -3.1e-5, 1.0, -1.0, 65504.0, -65504.0]

writer = gguf.GGUFWriter(str(out / "blocks.gguf"), "garut-test")
decoded = {}
for kind, places in SCALES.items():
    size, count_bytes = gguf.GGML_QUANT_SIZES[kind]
    count = 6 if size == 256 else 24
    blocks = random.integers(0, 256, (count, count_bytes), dtype=np.uint8)
    for place in places:
        scales = random.normal(0, 0.02, count)
        scales[: len(SPECIAL) // 2 if size == 256 else len(SPECIAL)] = SPECIAL[:4] if size == 256 else SPECIAL
        blocks[:, place : place + 2] = scales.astype("<f2").reshape(count, 1).view(np.uint8)
    rows = blocks.reshape(2, -1)
    writer.add_tensor(kind.name, rows, raw_dtype=kind)
    decoded[kind.name] = np.ascontiguousarray(gguf.quants.dequantize(rows, kind))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file(decoded, out / "blocks.safetensors")

plain = random.normal(0, 1, (24, 64)).astype(np.float32)
plain[0] = 0
plain[1] = np.linspace(-1, 1, 64)
plain[2] = np.arange(64) - 32  # ties in both formats
plain[3] = (np.arange(64) - 32) / 2
plain[4] *= 1e-6
plain[5] *= 1e-8  # scales that are subnormal in F16
plain[6] *= 1e-20  # and that are 0
plain[7] *= 6e4
plain[8] = 127 * (np.arange(64) % 2 * 2 - 1)
plain[9] = np.where(np.arange(64) % 7 == 0, 1.0, 0.0)
plain[10] = np.where(np.arange(64) % 5 == 0, -8.0, 7.5)  # positive and negative extremes
plain[11] = np.where(np.arange(64) % 5 == 1, 8.0, -8.0)  # the first of equal magnitudes decides
plain[12] = np.round(plain[12] * 64) / 64
plain[13, :32] = 0
plain[13, 20] = -3
plain = plain.astype(np.float32)
writer = gguf.GGUFWriter(str(out / "encoded.gguf"), "garut-test")
for kind in (T.Q8_0, T.Q4_0):
    writer.add_tensor(kind.name, gguf.quants.quantize(plain, kind), raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file({"plain": plain}, out / "plain.safetensors")
