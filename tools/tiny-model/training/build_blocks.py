# SPDX-License-Identifier: MIT
"""Packs conversations into training blocks: python3 build_blocks.py <count> <length> <seed> <out.npz>. Needs numpy.

Every token carries a mark: 0 prompt, 1 plain answer, 2 begins a requested word, 3 continues one.
"""
import sys

import numpy as np

from corpus import Corpus
from prompt_phrases import SYSTEM_PROMPTS
from tokenizer import BOS, EOS, IM_END, IM_START, PAD, Tokenizer

PROMPT, PLAIN, WORD_BEGINS, WORD_CONTINUES = range(4)


def mark_answer(tokenizer, text, words):
    """Token ids of an answer with their marks."""
    ids, raw, spans = tokenizer.encode(text), text.encode(), []
    for word in words:
        needle = word.encode()
        at = raw.find(needle)
        while at >= 0:
            spans.append((at, at + len(needle)))
            at = raw.find(needle, at + 1)
    marks, position = [], 0
    for token in ids:
        end = position + len(tokenizer.tokens[token])  # one symbol a byte
        if any(first < position < last for first, last in spans):
            marks.append(WORD_CONTINUES)
        elif any(position <= first < end for first, _ in spans):
            marks.append(WORD_BEGINS)
        else:
            marks.append(PLAIN)
        position = end
    return ids, marks


class Document:
    """Tokens of one conversation and their marks."""

    def __init__(self):
        self.ids, self.marks = [BOS], [PROMPT]

    def add_prompt(self, ids):
        self.ids += ids
        self.marks += [PROMPT] * len(ids)

    def add_answer(self, tokenizer, text, words, end):
        ids, marks = mark_answer(tokenizer, text, words)
        self.ids += [*ids, end]
        self.marks += [*marks, PLAIN]


def next_chat(corpus):
    """The next exchange that uses the chat template."""
    while True:
        exchange = corpus.exchange()
        if exchange.kind == "chat":
            return exchange


def next_document(corpus, tokenizer):
    """A raw completion, or a chat of one to three turns, sometimes with a system prompt."""
    document, rng = Document(), corpus.rng
    exchange = corpus.exchange()
    if exchange.kind == "raw":
        document.add_prompt(tokenizer.encode(exchange.prompt))
        document.add_answer(tokenizer, exchange.answer, exchange.words, EOS)
        return document
    newline = tokenizer.encode("\n")
    if rng.random() < 0.18:
        system = tokenizer.encode("system\n" + rng.choice(SYSTEM_PROMPTS))
        document.add_prompt([IM_START, *system, IM_END, *newline])
    turns = rng.choices([1, 2, 3], [0.72, 0.2, 0.08])[0]
    for turn in range(turns):
        if turn:
            exchange = next_chat(corpus)
        user, assistant = tokenizer.encode("user\n" + exchange.prompt), tokenizer.encode("assistant\n")
        document.add_prompt([IM_START, *user, IM_END, *newline, IM_START, *assistant])
        document.add_answer(tokenizer, exchange.answer, exchange.words, IM_END)
        if turn + 1 < turns:
            document.add_prompt(newline)
    return document


def build_blocks(count, length, seed, out):
    """Writes `count` blocks of `length` tokens: whole conversations, padded."""
    tokenizer, corpus = Tokenizer.load("vocab.json"), Corpus(seed)
    tokens = np.full((count, length), PAD, np.uint16)
    marks = np.zeros((count, length), np.uint8)
    document = next_document(corpus, tokenizer)
    for block in range(count):
        position = 0
        while position + len(document.ids) <= length or len(document.ids) > length:
            size = len(document.ids)
            if size <= length:
                tokens[block, position : position + size] = document.ids
                marks[block, position : position + size] = document.marks
                position += size
            document = next_document(corpus, tokenizer)
    np.savez(out, tokens=tokens, marks=marks)
    print(out, count, "blocks, filled to", f"{(tokens != PAD).mean():.1%}, answers {(marks > 0).mean():.1%}")


if __name__ == "__main__":
    build_blocks(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
