#!/usr/bin/env python3
"""Makes the fixture of dynamic rotary scaling: a tiny GPT-NeoX model whose trained context of 16 tokens is stretched
four-fold, logits of whole sequences below and beyond it, and a greedy text that grows past it with its keys cached, all
by Transformers 5.

    dynamic_rope_fixture.py FOLDER
"""
import argparse
import json
import os

import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

LENGTHS = (10, 16, 17, 40, 64)


def model(folder=None):
    config = GPTNeoXConfig(
        vocab_size=41, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=16, initializer_range=0.3, bos_token_id=0, eos_token_id=0,
        rope_parameters={"rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0, "partial_rotary_factor": 0.75})
    if folder:
        made = GPTNeoXForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    else:
        torch.manual_seed(1971)
        made = GPTNeoXForCausalLM(config)
    return made.eval()


def rounded(values):
    return [float(f"{x:.8g}") for x in values.tolist()]


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("folder")
    folder = a.parse_args().folder
    model().save_pretrained(folder)
    if os.path.exists(os.path.join(folder, "generation_config.json")):
        os.remove(os.path.join(folder, "generation_config.json"))
    g = torch.Generator().manual_seed(7)
    sequences = []
    with torch.no_grad():
        for length in LENGTHS:
            ids = torch.randint(0, 41, (1, length), generator=g)
            logits = model(folder)(ids).logits[0]  # a fresh one: it remembers the longest sequence it saw
            sequences.append({"ids": ids[0].tolist(), "last_logits": rounded(logits[-1]), "first_logits": rounded(logits[0]),
                              "middle_logits": rounded(logits[length // 2])})
        prompt = torch.randint(1, 41, (1, 12), generator=g)
        made = model(folder).generate(
            prompt, max_new_tokens=48, do_sample=False, eos_token_id=None, output_logits=True,
            return_dict_in_generate=True)
    ids = made.sequences[0, 12:].tolist()
    log_probabilities = [torch.log_softmax(step[0], -1)[i] for step, i in zip(made.logits, ids)]
    text = {"prompt": prompt[0].tolist(), "greedy": ids, "logprobs": rounded(torch.stack(log_probabilities))}
    with open(os.path.join(folder, "expected.json"), "w") as f:
        f.write(json.dumps({"sequences": sequences, "generation": text}, separators=(",", ":")) + "\n")
