# SPDX-License-Identifier: MIT
"""Writes vocab.json from the corpus: python3 build_vocab.py [vocab.json]. Standard library only."""
import collections
import re
import sys

import prompt_phrases
from corpus import Corpus
from haiku_grammar import FREE_PATTERNS, SLOTS, TOPIC_PATTERNS
from syllables import (
    ADJS,
    ADVS,
    ALL_PLURALS,
    ALL_SINGULARS,
    MASS,
    PREPS,
    TIMES,
    VERBS_ING,
    VERBS_PLURAL,
    VERBS_THIRD,
)
from tokenizer import SPLIT, Tokenizer
from word_lists import NUMBERS, PROMPT_WORDS, TWO_WORD_TOPICS, UNITS

PUNCTUATION = [
    "\n", " ", ",", ".", ":", "-", '"', ' "', "\n\n", ":\n", ".\n", "?\n", "!\n", '".', '",', '":', '"\n', '".\n', '"?', '"]',
    '"]}', '"}', '{"', '":["', '","', ' ["', "['", " [", "[", "]", " {", "{", "}", " (", "(", ")", ").", "!", "?", "'", " '",
    "'.", "'s", " -", "\u2011", "\u201c", "\u201d", " \u201c", "\u2019",
]
SAMPLE_COUNT = 60_000
RAREST = 6

NUMBER_PARTS = {part for number in NUMBERS for part in number.split("-")}


def known_words():
    """Every word that a prompt or an answer can contain by design."""
    words = {*PROMPT_WORDS, *NUMBER_PARTS}
    for entries in (ALL_SINGULARS, ALL_PLURALS, MASS, TIMES, ADJS, PREPS, VERBS_PLURAL, VERBS_THIRD, VERBS_ING):
        words |= {word for word, _ in entries}
    for phrase in [adverb for adverb, _ in ADVS] + list(TWO_WORD_TOPICS):
        words |= set(phrase.split())
    for patterns in [*FREE_PATTERNS.values(), *TOPIC_PATTERNS.values()]:
        words |= {token for pattern in patterns for token in pattern.split() if token not in SLOTS}
    for name in ("ONE_TOPIC", "TWO_TOPICS", "ABOUT_TOPIC", "RAW", "EXTRAS", "LEADS", "SYSTEM_PROMPTS", "NOTHING_REQUESTED", "CHAINS"):
        for phrase in getattr(prompt_phrases, name):
            words |= set(re.findall(r"[A-Za-z]+", re.sub(r"\{\w+\}", " ", phrase)))
    return words


def count_pieces():
    """How often every piece of text comes up in a sample of the corpus."""
    corpus, counts = Corpus(123), collections.Counter()
    for _ in range(SAMPLE_COUNT):
        exchange = corpus.exchange()
        counts.update(SPLIT.findall(exchange.prompt))
        counts.update(SPLIT.findall(exchange.answer))
    return counts


def build_vocab():
    """Words of the lists first, then frequent pieces of the corpus, then words of prompts."""
    words = known_words()
    lowered = {word.lower() for word in words}
    counts = count_pieces()
    pieces = list(PUNCTUATION)
    topics = {word for entries in (ALL_SINGULARS, ALL_PLURALS, MASS, TIMES, ADJS) for word, _ in entries}
    for word in sorted(topics | NUMBER_PARTS):
        pieces += [word, " " + word]
    pieces += ["-" + unit for unit in UNITS[1:]] + ["\u2011" + unit for unit in UNITS[1:]]
    for piece, count in counts.most_common():
        word = piece.strip()
        if count >= RAREST and re.fullmatch(r"[A-Za-z]+", word) and piece[0] in (" ", word[0]):
            if word in words or word.lower() in lowered:
                pieces.append(piece)
    for word in PROMPT_WORDS:
        if " " + word in counts or word in counts:
            pieces += [piece for piece in (word, " " + word) if SPLIT.findall(piece) == [piece]]
    return Tokenizer.from_pieces(pieces)


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else "vocab.json"
    vocab = build_vocab()
    vocab.save(path)
    print(path, len(vocab.tokens), "tokens")
