#!/usr/bin/env python3
"""Makes the expected results of the evaluation fixtures: what lm-evaluation-harness 0.4 asks of each record (its task
files, in plain Python), and what Transformers' logits for it make of accuracy and perplexity.

    evaluation_fixtures.py MODEL_FOLDER FIXTURES_FOLDER
"""
import argparse
import json
import math
import os
import random
import re

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast


def lambada(doc):
    words = doc["text"].split(" ")
    return [(" ".join(words[:-1]), " " + words[-1])], None, None


def question(context, choices, gold):
    return [(context, " " + choice) for choice in choices], [len(choice) for choice in choices], gold


def piqa(doc):
    return question(f"Question: {doc['goal']}\nAnswer:", [doc["sol1"], doc["sol2"]], doc["label"])


def arc(doc):
    choices = doc["choices"]
    return question(f"Question: {doc['question']}\nAnswer:", choices["text"], choices["label"].index(doc["answerKey"]))


def cleaned(text):
    text = text.strip().replace(" [title]", ". ")
    return re.sub("\\[.*?\\]", "", text).replace("  ", " ")


def hellaswag(doc):
    context = cleaned(doc["activity_label"] + ": " + doc["ctx_a"] + " " + doc["ctx_b"].capitalize())
    return question(context, [cleaned(ending) for ending in doc["endings"]], int(doc["label"]))


def winogrande(doc):
    gap = doc["sentence"].index("_")
    rest = " " + doc["sentence"][gap + 1:].strip()
    contexts = [doc["sentence"][:gap] + option for option in (doc["option1"], doc["option2"])]
    return [(context, rest) for context in contexts], [len(context) for context in contexts], int(doc["answer"]) - 1


TASKS = {"lambada_openai": (lambada, ["perplexity", "acc"]), "piqa": (piqa, ["acc", "acc_norm"]),
         "arc_easy": (arc, ["acc", "acc_norm"]), "arc_challenge": (arc, ["acc", "acc_norm"]),
         "hellaswag": (hellaswag, ["acc", "acc_norm"]), "winogrande": (winogrande, ["acc"])}


def encoded(tokenizer, context, continuation):
    spaces = len(context) - len(context.rstrip())
    if spaces:
        context, continuation = context[:-spaces], context[-spaces:] + continuation
    whole = tokenizer.encode(context + continuation, add_special_tokens=False)
    length = len(tokenizer.encode(context, add_special_tokens=False))
    return whole[:length], whole[length:]


def scored(model, context, continuation):
    with torch.no_grad():
        logits = model(torch.tensor([(context + continuation)[:-1]])).logits[0, len(context) - 1:]
    logs = torch.log_softmax(logits, -1)
    picked = [logs[i, token].item() for i, token in enumerate(continuation)]
    return sum(picked), logits.argmax(-1).tolist() == continuation


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    mu = mean(values)
    return math.sqrt(sum((x - mu) ** 2 for x in values) / (len(values) - 1))


def perplexity(values):
    return math.exp(-mean(values))


def bootstrapped(values):
    made = []
    for seed in range(100):
        drawing = random.Random(seed)
        made += [perplexity(drawing.choices(values, k=len(values))) for _ in range(1000)]
    return deviation(made)


def first_largest(values):
    return max(range(len(values)), key=lambda i: (values[i], -i))


def evaluated(name, model, tokenizer, lines):
    formula, measures = TASKS[name]
    items, marks = [], {measure: [] for measure in measures}
    for line in lines:
        passages, lengths, gold = formula(json.loads(line))
        answers = [scored(model, *encoded(tokenizer, *passage)) for passage in passages]
        sums = [answer[0] for answer in answers]
        items.append({"passages": passages, "lengths": lengths, "gold": gold, "log_likelihoods": sums,
                      "greedy": [answer[1] for answer in answers],
                      "tokens": [list(map(len, encoded(tokenizer, *passage))) for passage in passages]})
        for measure in measures:
            marks[measure].append(
                sums[0] if measure == "perplexity"
                else float(answers[0][1]) if gold is None
                else float(first_largest(sums) == gold) if measure == "acc"
                else float(first_largest([x / n for x, n in zip(sums, lengths)]) == gold))
    scores = {}
    for measure, values in marks.items():
        of_perplexity = measure == "perplexity"
        scores[measure] = perplexity(values) if of_perplexity else mean(values)
        scores[measure + "_stderr"] = bootstrapped(values) if of_perplexity else deviation(values) / math.sqrt(len(values))
    return {"scores": scores, "items": items}


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("model")
    a.add_argument("folder")
    args = a.parse_args()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=os.path.join(args.model, "tokenizer.json"))
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32, attn_implementation="eager").eval()
    expected = {}
    for name in TASKS:
        with open(os.path.join(args.folder, name + ".jsonl"), encoding="utf-8") as f:
            expected[name] = evaluated(name, model, tokenizer, f.read().splitlines())
    with open(os.path.join(args.folder, "expected.json"), "w", encoding="utf-8") as f:
        json.dump(expected, f, ensure_ascii=False, indent=1)
        f.write("\n")
