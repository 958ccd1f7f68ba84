#!/usr/bin/env python3
"""Takes the first steps of `garut finetune` in PyTorch, and compares the loss on the records kept for evaluation.

    finetune_comparison.py MODEL RECORDS BATCHES RATE STEPS METRICS

MODEL is the Hugging Face folder that was tuned, RECORDS the JSON lines, BATCHES what FinetuneBatches (beside it, in Java)
printed for them, RATE the learning rate, which falls with half a cosine over STEPS steps (--schedule cosine), METRICS the
metrics.jsonl of the run. All but the order of the records is done anew here: the prompts, the tokens (tokenizers), the labels,
the model (Transformers), AdamW and clipping (PyTorch), and the rise of DeepSpeed's WarmupLR. Prints a line for each evaluation
in METRICS.
"""
import json
import math
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

INTRO = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
WARMUP = 50


def encode(tokenizer, record):
    about = f"Input:\n{record['context']}\n\n" if record["context"] else ""
    text = f"{INTRO}\n\n### Instruction:\n{record['instruction']}\n\n{about}### Response:\n{record['response']}\n\n### End"
    ids = tokenizer(text)["input_ids"]
    first = ids.index(tokenizer.convert_tokens_to_ids("### Response:\n")) + 1
    return ids, [-100] * first + ids[first:]


def tensors(examples):
    longest = max(len(ids) for ids, _ in examples)
    rows = [(ids + [0] * (longest - len(ids)), labels + [-100] * (longest - len(ids)), [1] * len(ids) + [0] * (longest - len(ids)))
            for ids, labels in examples]
    return [torch.tensor([row[i] for row in rows]) for i in range(3)]


def total_loss(model, examples):
    ids, labels, mask = tensors(examples)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
    wanted = labels[:, 1:]
    loss = torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), wanted.reshape(-1), reduction="sum")
    return loss, int((wanted != -100).sum())


@torch.no_grad()
def evaluate(model, examples):
    parts = [total_loss(model, examples[i:i + 8]) for i in range(0, len(examples), 8)]
    return sum(loss.item() for loss, _ in parts) / sum(count for _, count in parts)


def factor(step, steps):
    if step < WARMUP:
        return math.log(step) / math.log(WARMUP)
    return 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (steps - WARMUP)))


def main():
    folder, records, batches, rate, steps, metrics = sys.argv[1:]
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(pathlib.Path(folder, "tokenizer.json")))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    lines = pathlib.Path(records).read_text(encoding="utf-8").split("\n")
    plan = json.loads(pathlib.Path(batches).read_text())
    examples = {n: encode(tokenizer, json.loads(lines[n - 1])) for step in plan["steps"] + [plan["test"]] for n in step}
    test = sorted((examples[n] for n in plan["test"]), key=lambda example: len(example[0]))
    lines = [json.loads(line) for line in pathlib.Path(metrics).read_text().splitlines()]
    garut = {line["step"]: line["eval_loss"] for line in lines if "eval_loss" in line}
    optimizer = torch.optim.AdamW(model.parameters(), lr=float(rate), betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
    print("step   Garut     PyTorch   difference", flush=True)
    for step in range(len(plan["steps"]) + 1):
        if step in garut:
            loss = evaluate(model, test)
            print(f"{step:4}   {garut[step]:.6f}  {loss:.6f}  {garut[step] - loss:+.1e}", flush=True)
        if step == len(plan["steps"]):
            break
        for group in optimizer.param_groups:
            group["lr"] = float(rate) * factor(step + 1, int(steps))
        loss, count = total_loss(model, [examples[n] for n in plan["steps"][step]])
        (loss / count).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()


main()
