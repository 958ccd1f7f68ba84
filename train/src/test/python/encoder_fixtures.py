#!/usr/bin/env python3
"""Makes encoder-cases.json: records, and what Transformers makes of them as databrickslabs/dolly's trainer uses it.

    encoder_fixtures.py CONFORMANCE OUT

CONFORMANCE is the folder of reference results; the tokenizers are those of models/tales-7m beside it (which has Dolly's
tokens) and of tokenizers/gpt-neox-20b in it (which has not). For each record: the token ids of the first, the index of
the first token that is learnt, and the labels that differ from the ids after it; for the second, "apart": a checksum
sum of (i + 1)·id modulo 2^31 - 1, the number of tokens, and how many of them are the prompt's.
"""
import json
import pathlib
import sys

import torch
from transformers import DataCollatorForLanguageModeling, PreTrainedTokenizerFast

INTRO = "Below is an instruction that describes a task. Write a response that appropriately completes the request."

RECORDS = [
    ("Why do sheep flock together?", "", "Because many eyes see a wolf sooner than two."),
    ("When was the shed built?", "The shed was built in 1931, and the fence two years later.", "In 1931."),
    ("List three breeds of sheep.", "", "1. Merino\n2. Suffolk\n3. Jacob"),
    ("Translate into French: the lamb", "", "l'agneau"),
    ("What is 12 × 12?", "", "144"),
    ("  Is this instruction padded?  ", "", "  Yes, by two spaces on each side.  "),
    ("Summarise the text.", "Line one.\n\nLine two.\n\tLine three, indented.\n", "Three lines.\n"),
    ("Write a function that counts.", "", "def count(flock):\n    return sum(1 for sheep in flock)\n"),
    ("What does \"### End\" mean?", "", "It ends a response: ### End is one token."),
    ("What is the key?\n\n### Response:\nNot this one.", "", "The second one."),
    ("What does the model read between texts?", "", "A token, written <|endoftext|>, and nothing else."),
    ("Grüße auf Deutsch, bitte.", "", "Grüß Gott! Schöne Grüße vom Schäfer — und „mäh“."),
    ("Name an animal.", "", "🐑"),
    ("羊は何を食べますか。", "", "羊は草を食べます。"),
    ("Compose e and an accent.", "", "cafe\u0301 becomes caf\u00e9"),
    ("a", "b", "c"),
    ("Which of these is a ram?", "Bertie is a ram; Molly is a ewe; Pip is a lamb.", "Bertie"),
    ("Does an Input: in the instruction matter?\n\nInput:\nNo.", "", "No."),
    ("How many sheep has the farm?", "\n", "The context holds only a line end, and is still shown."),
    ("Wave \U0001f44b\U0001f3fd and stop.", "", "\u200bStopped\u00a0here\u2026\r\nNext line."),
]


def prompt(instruction, context):
    about = f"Input:\n{context}\n\n" if context else ""
    return f"{INTRO}\n\n### Instruction:\n{instruction}\n\n{about}### Response:\n"


def load(file):
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(file), eos_token="<|endoftext|>")
    tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def main():
    conformance = pathlib.Path(sys.argv[1])
    dolly = load(conformance.parent / "models/tales-7m/tokenizer.json")
    plain = load(conformance / "tokenizers/gpt-neox-20b/tokenizer.json")
    key = dolly.convert_tokens_to_ids("### Response:\n")
    collator = DataCollatorForLanguageModeling(tokenizer=dolly, mlm=False, return_tensors="pt", pad_to_multiple_of=8)
    cases = []
    for instruction, context, response in RECORDS:
        text = prompt(instruction, context) + response + "\n\n### End"
        ids = dolly(text)["input_ids"]
        labels = collator([{"input_ids": ids}])["labels"][0]
        first = int(torch.nonzero(labels == key)[0]) + 1
        labels[:first] = -100
        labels = labels[:len(ids)].tolist()
        read = plain(prompt(instruction, context))["input_ids"]
        both = read + plain(response + "\n\n### End")["input_ids"]
        cases.append({
            "instruction": instruction, "context": context, "response": response, "ids": ids, "first": first,
            "ignored": [i for i in range(first, len(ids)) if labels[i] == -100],
            "apart": {"checksum": sum((i + 1) * id for i, id in enumerate(both)) % (2**31 - 1),
                      "tokens": len(both), "prompt": len(read)}})
        assert all(labels[i] in (ids[i], -100) for i in range(first, len(ids)))
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    pathlib.Path(sys.argv[2], "encoder-cases.json").write_text(f"[\n{lines}\n]\n")


main()
