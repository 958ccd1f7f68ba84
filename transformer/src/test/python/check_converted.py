"""Holds what `garut convert` and `garut quantize` wrote against other readers: Transformers and gguf-py.

    python3 check_converted.py MODEL COPY...

MODEL is a Hugging Face folder; each COPY another folder, or a GGUF file, made of it. Folders must load in Transformers
without a missing or an unexpected weight and give the same logits; GGUF files must hold what gguf-py makes of the
weights, laid out as llama.cpp's converter does it. Needs torch, transformers, gguf.
"""

import json
import pathlib
import sys

import numpy
import torch
from gguf import GGMLQuantizationType, GGUFReader
from gguf.quants import quantize
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXT = "Once upon a time, said the wolf,  there were 3 sheep.\n"


def load(folder):
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    unexpected = [k for k in info["unexpected_keys"] if not k.endswith((".bias", "masked_bias", "inv_freq"))]
    assert not info["missing_keys"] and not unexpected, (folder, info)
    return model


def logits(model, ids):
    with torch.no_grad():
        return model(ids).logits


def check_folder(model, ids, folder):
    copy = load(folder)
    assert torch.equal(logits(model, ids), logits(copy, ids)), f"{folder}: other logits"
    if (folder / "tokenizer.json").exists():
        AutoTokenizer.from_pretrained(folder)
    print(f"{folder}: the same logits in Transformers, {json.load(open(folder / 'config.json'))['torch_dtype']}")


def hub_name(name):
    if name.startswith("blk."):
        _, layer, part, kind = name.split(".")
        part = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
                "attn_qkv": "attention.query_key_value", "attn_output": "attention.dense",
                "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h"}[part]
        return f"gpt_neox.layers.{layer}.{part}.{kind}"
    part, kind = name.split(".")
    return {"token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm",
            "output": "lm_head"}[part] + "." + kind


def check_gguf(model, file):
    reader = GGUFReader(file)
    state = model.state_dict()
    config = model.config
    heads, size = config.num_attention_heads, config.hidden_size
    types = {}
    for tensor in reader.tensors:
        key = hub_name(tensor.name)
        key = key if key in state else "embed_out." + key.split(".")[-1] if "lm_head" in key else key
        if key not in state:  # a bias of zeros, which llama.cpp insists on
            assert not tensor.data.any(), (tensor.name, "is no weight of the model")
            continue
        wanted = state[key].float().numpy()
        if "attn_qkv" in tensor.name:
            wanted = wanted.reshape(heads, 3, size // heads, -1).transpose(1, 0, 2, 3).reshape(wanted.shape)
        quantised = quantize(numpy.ascontiguousarray(wanted), tensor.tensor_type)
        assert numpy.array_equal(quantised.view(numpy.uint8).ravel(), tensor.data.view(numpy.uint8).ravel()), tensor.name
        types[tensor.tensor_type.name] = types.get(tensor.tensor_type.name, 0) + 1
        if wanted.ndim == 1:
            assert tensor.tensor_type == GGMLQuantizationType.F32, tensor.name
    fields = {name: field.contents() for name, field in reader.fields.items()}
    wanted = {"general.architecture": "gptneox", "gptneox.context_length": config.max_position_embeddings,
              "gptneox.embedding_length": size, "gptneox.block_count": config.num_hidden_layers,
              "gptneox.feed_forward_length": config.intermediate_size, "gptneox.attention.head_count": heads,
              "gptneox.use_parallel_residual": config.use_parallel_residual}
    for name, value in wanted.items():
        assert fields[name] == value, (name, fields[name], value)
    if "tokenizer.ggml.tokens" in fields:
        assert len(fields["tokenizer.ggml.tokens"]) == config.vocab_size == len(fields["tokenizer.ggml.token_type"])
    print(f"{file}: the weights of gguf-py, {types}")


def main():
    source = pathlib.Path(sys.argv[1])
    model = load(source)
    if (source / "tokenizer.json").exists():
        ids = AutoTokenizer.from_pretrained(source)(TEXT, return_tensors="pt").input_ids
    else:
        ids = torch.arange(3, 40)[None] % model.config.vocab_size
    for copy in map(pathlib.Path, sys.argv[2:]):
        if copy.is_dir():
            check_folder(model, ids, copy)
        else:
            check_gguf(model, copy)


main()
