#!/usr/bin/env python3
"""Makes the tokenizer fixtures: four small tokenizers with unusual settings, trained here on a few sentences, and what
Hugging Face's library (tokenizers 0.23) makes of texts that try those settings.

    tokenizer_fixtures.py OUT [--random N]

Writes OUT/NAME.json (a tokenizer.json) and OUT/NAME-cases.json: a list of
{"text", "ids", "plain" (ids without special tokens), "decoded", "skipped" (decoded without special tokens)}.
With --random it writes N random texts a tokenizer as well, for a comparison wider than the fixtures.
"""
import argparse
import json
import pathlib
import random

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SENTENCES = [
    "The sheep of the island graze where the grass is short and the wind is strong.",
    "A shepherd counted 12 sheep, then 123 sheep, then fell asleep at 3:45 in the morning.",
    "Don't say it's theirs; we've seen that they're ours, and I'll prove it, he'd said. I'm sure!",
    "Über die grünen Hügel ging der Schäfer; les brebis étaient déjà là, naïves et fières.",
    "def count(flock):\n    return sum(1 for sheep in flock)\n\n\tprint(count([]))",
    "Привет, овцы! Γειά σας πρόβατα. 羊は草を食べる。양이 풀을 먹는다.",
] * 3

BYTES = pre_tokenizers.ByteLevel.alphabet()


def train(tokenizer, size, special, alphabet):
    tokenizer.train_from_iterator(SENTENCES, trainers.BpeTrainer(
        vocab_size=size, min_frequency=2, special_tokens=special, show_progress=False, initial_alphabet=alphabet))
    return tokenizer


def plain():
    """As GPT-NeoX's, with Dolly's kind of added tokens and two that the normalizer changes."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    train(t, 400, ["<|endoftext|>", "<|padding|>"], BYTES)
    t.add_tokens([AddedToken(" " * n, normalized=True) for n in range(8, 1, -1)])
    t.add_special_tokens([AddedToken(x, normalized=False, special=True) for x in ("### End", "### Response:\n")])
    t.add_tokens([AddedToken("cafe\u0301", normalized=True), AddedToken("SP\u0301", normalized=True, special=True)])
    return t


def stripping():
    """Added tokens that strip, that want to be words, that overlap; a prefix space; lower case."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    train(t, 380, ["<s>"], BYTES)
    t.add_special_tokens([
        AddedToken("<l>", lstrip=True), AddedToken("<r>", rstrip=True), AddedToken("<lr>", lstrip=True, rstrip=True)])
    t.add_tokens([
        AddedToken("Ram", single_word=True, normalized=False),
        AddedToken("ewe", single_word=True, normalized=True),
        AddedToken("Lamb", normalized=True),
        AddedToken("lambing", normalized=True),
        AddedToken("\u2003", rstrip=True, normalized=False),
        AddedToken("ﬁ", normalized=True),
        AddedToken(" r ", lstrip=True, rstrip=True, normalized=True)])
    return t


def template():
    """Unknown bytes, fused; words taken whole; digits one by one; special tokens round the text."""
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, ignore_merges=True))
    t.normalizer = normalizers.NFD()
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Fuse()])
    train(t, 240, ["<unk>", "<s>", "</s>"], [])
    t.post_processor = processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A $B:1 </s>:1",
        special_tokens=[("<s>", t.token_to_id("<s>")), ("</s>", t.token_to_id("</s>"))])])
    return t


def replacing():
    """Bytes that are left out; no splitting by the regular expression; a normalizer that writes."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Sequence([
        normalizers.NFKD(), normalizers.Replace(" ", "__"), normalizers.Prepend("_"), normalizers.Replace("ss", "ß")])
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    train(t, 220, [], [])
    t.add_tokens([AddedToken("a b", normalized=True), AddedToken("c d", normalized=False)])
    return t


TEXTS = [
    "", " ", "\n", "  \n \n  x", "the sheep", " The  sheep   12345 ½ Ⅷ ٣٤",
    "it's IT'S 's 'S 're'r 'll 'l' '' 'd'm 've", "don't\u2019s", "a\u00a0b\u2003c\u2028d\u0085e\u200bf\u3000g",
    "caf\u00e9 cafe\u0301 CAFE\u0301 SP\u0301 S\u1e54", "### End### Response:\n### Response:###  End",
    "<s>x<l> y <l>  z<r>  <r> w  <lr>  v<lr><lr>", "Ram Rams aRam Ram. ewe ewes Ewe _ewe EWE-ewe",
    "lamb lambing LAMBING lambs lam", "x \u2003 \u2003  y", "\u2003\u2003\u2003", "ﬁ ﬀ ﬁn 'ﬁ", "a r b r  r c",
    "a b a  b c d c  d", "straße STRASSE ss sss", "İstanbul ΣΑΣ ΑΣ", "12 345 6a7 ½½ Ⅷ1",
    "🐑🐏 👩‍👩‍👧‍👦 \U00020000\ufffd", "e\u0301\u0327 q\u0307\u0323 \u0344 \u1e9b\u0323 가각 \u1100\u1161\u11a8",
    "\u0f73\u0f71 \U0001d15e \u2adc", "\u1ac1\u0334x a\u1dfa\u0334", "羊は草を食べる。양이 풀을 먹는다.",
    "\u0000\u0001\u007f", "x" * 60 + " " + "ab" * 40, "    def f():\n\t\treturn 1\r\n",
    "<|endoftext|>a<|padding|><unk><s></s>", "_", "__ _ ß", "\ufb1d \ufb2a \u0958 \u212b \u2126 \u00c5",
    "\U00016121\U0001611f \U000105d2\u0307 \u0915\u093c", "\ua7ce \U00016ea0 \U00011de4\U00016ff4", "ss" * 12,
    "the the the theirs grazing",
]


def random_texts(seed, n, words):
    r = random.Random(seed)

    def anywhere():
        return chr(r.choice([r.randrange(0x370, 0xd800), r.randrange(0xe000, 0x10000), r.randrange(0x10000, 0x20000),
                             r.randrange(0x10ff9c, 0x110000)]))

    pools = [
        lambda: r.choice(" \t\n  \u00a0\u3000"), lambda: chr(r.randrange(32, 127)),
        lambda: chr(r.randrange(0xa0, 0x250)), lambda: chr(r.randrange(0x300, 0x370)), lambda: r.choice(words),
        lambda: r.choice("0123456789½Ⅷ"),
        lambda: r.choice(["'s", "'re", "'ll", "'", "e\u0301", "ss", "\u1100\u1161"]), anywhere]
    for _ in range(n):
        weights = [r.random() ** 3 for _ in pools]
        yield "".join(r.choices(pools, weights)[0]() for _ in range(r.randrange(1, 60)))


def cases(t, texts):
    rows = []
    for text in texts:
        ids = t.encode(text).ids
        rows.append({
            "text": text, "ids": ids, "plain": t.encode(text, add_special_tokens=False).ids,
            "decoded": t.decode(ids, skip_special_tokens=False), "skipped": t.decode(ids, skip_special_tokens=True)})
    return rows


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("out", type=pathlib.Path)
    a.add_argument("--random", type=int, default=0)
    args = a.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for make in (plain, stripping, template, replacing):
        t, name = make(), make.__name__
        t.save(str(args.out / f"{name}.json"), pretty=False)
        added = [x.content for x in t.get_added_tokens_decoder().values()]
        texts = TEXTS + list(random_texts(7, args.random, added + "the sheep grass Ram <l".split()))
        (args.out / f"{name}-cases.json").write_text(json.dumps(cases(t, texts), separators=(",", ":")) + "\n")
