#!/usr/bin/env python3
"""Makes the sampling fixture: random logits and histories, random settings, and what the logits processors of
Transformers 5 make of them, one after another in the order in which generation applies them (null is minus infinity).

    sampling_fixtures.py OUT.json [--cases N] [--largest V]
"""
import argparse
import json
import math

import torch
from transformers import GenerationConfig
from transformers.generation import GenerationMixin


class Model(GenerationMixin):
    """As much of a model as the choice of processors asks for."""

    class config:
        is_encoder_decoder = False


def processed(settings, logits, history):
    temperature = settings.pop("temperature")
    sample = temperature != 0
    config = GenerationConfig(do_sample=sample, temperature=temperature if sample else 1.0, **settings)
    processors = Model()._get_logits_processor(config, input_ids_seq_length=history.shape[1])
    return processors(history, logits.clone())


def case(g, largest):
    def pick(*values):
        return values[int(torch.randint(0, len(values), (1,), generator=g))]

    count = int(torch.randint(1, largest + 1, (1,), generator=g))
    logits = torch.randn(1, count, generator=g) * pick(0.5, 3.0, 8.0)
    history = torch.randint(0, min(count, pick(3, 30)), (1, pick(1, 2, 5, 40)), generator=g)
    settings = dict(
        temperature=pick(0.0, 1.0, 0.7, 1.5), top_k=pick(0, 0, 1, 5, 50), top_p=pick(1.0, 1.0, 0.92, 0.5, 0.1),
        min_p=pick(None, None, 0.05, 0.3), typical_p=pick(1.0, 1.0, 0.9, 0.4), repetition_penalty=pick(1.0, 1.3, 0.8),
        no_repeat_ngram_size=pick(0, 0, 1, 2, 3))
    if settings["top_p"] == 1 and pick(False, True):
        logits = logits.round()  # equals; at the edge of top-p it is up to an unstable sort which of them stay
    out = processed(dict(settings), logits, history)[0]
    return settings, logits[0], history[0], out


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("out")
    a.add_argument("--cases", type=int, default=60)
    a.add_argument("--largest", type=int, default=40)
    args = a.parse_args()
    g = torch.Generator().manual_seed(20230412)
    rows = []
    while len(rows) < args.cases:
        settings, logits, history, out = case(g, args.largest)
        if not torch.isfinite(out).any():
            continue
        values = [None if math.isinf(x) else float(f"{x:.9g}") for x in out.tolist()]
        rows.append({**settings, "logits": [float(f"{x:.9g}") for x in logits.tolist()], "history": history.tolist(),
                     "processed": values})
    with open(args.out, "w") as f:
        f.write(json.dumps(rows, separators=(",", ":")) + "\n")
