# SPDX-License-Identifier: MIT
"""Writes what the tests of the model read, into ../evaluation: python3 export_evaluation.py. Standard library only.

prompts.json: the prompts of the quality table; syllables.json: the lexicon; tokenizations.json: reference token ids
(needs vocab.json).
"""
import json
import pathlib
import random

from corpus import Corpus
from syllables import ADJS, ALL_PLURALS, ALL_SINGULARS, MASS, SYLLABLES, TIMES
from tokenizer import Tokenizer
from word_lists import MINUTES

FOLDER = pathlib.Path(__file__).parent.parent / "evaluation"
INCLUDES = 'please write a haiku that includes the word "{}"'
UNSEEN_PHRASINGS = [
    'It is now  past the hour; turn that into a haiku which has "{}" in it, ok?',
    'make me a poem of three lines, use "{}" somewhere ',
    'Compose verse. "{}" has to be in there. ',
    'I would love a haiku with "{}"! ',
]
UNSEEN_NOUNS = (
    "astronaut submarine pyramid lemonade zebra hamster velvet cinnamon telescope volcano mayor quarry walnut giraffe "
    "saxophone tractor marble biscuit helmet compass vineyard emerald glacier pancake thimble walrus cathedral parsley "
    "sapphire tugboat"
).split()


def evaluation_prompts():
    """Prompts in table order. Sampled ones carry temperature and seed, the others are greedy."""
    rng, corpus, prompts = random.Random(99), Corpus(31337), []

    def add(group, kind, prompt, word, **sampling):
        prompts.append({"set": group, "kind": kind, "prompt": prompt, "word": word, **sampling})

    for word in MINUTES:
        add("minute raw", "raw", f"haiku about {word}:\n", word)
    for word in MINUTES:
        add("minute chat", "chat", INCLUDES.format(word), word)
    for word in MINUTES:
        nonce = corpus.random_id()
        prompt = f'Write a haiku about GPU computing that includes the word "{word}" (nonce: {nonce})'
        add("minute chat with nonce", "chat", prompt, word)
    for word, _ in rng.sample(ALL_SINGULARS, 60):
        add("noun raw", "raw", f"haiku about {word}:\n", word)
        add("noun chat", "chat", INCLUDES.format(word), word)
    for word, _ in rng.sample(ALL_PLURALS + MASS + TIMES + ADJS, 60):
        add("other known word chat", "chat", f'Write a haiku that includes the word "{word}".', word)
    for _ in range(100):
        word = corpus.short_syllables() + corpus.short_syllables() + rng.choice(["", "n", "r", "st"])
        add("invented word chat", "chat", INCLUDES.format(word), word)
    for _ in range(40):
        word = corpus.random_id()
        add("random id chat", "chat", INCLUDES.format(word), word)
    for word in UNSEEN_NOUNS:
        assert word not in SYLLABLES
        add("unseen English noun chat", "chat", INCLUDES.format(word), word)
    for start, temperature in ((0, 0.8), (1, 1.0)):
        for word in MINUTES[start::3]:
            for seed in (1, 2, 3):
                group = f"minute chat at temperature {temperature}"
                add(group, "chat", INCLUDES.format(word), word, temperature=temperature, seed=seed)
    for index, word in enumerate(MINUTES):
        add("minute, unseen phrasing", "chat", UNSEEN_PHRASINGS[index % 4].format(word), word)
    return prompts


def reference_tokenizations():
    """Texts of the corpus and random characters, with the ids our own tokenizer gives."""
    tokenizer, corpus, rng = Tokenizer.load("vocab.json"), Corpus(4242), random.Random(5)
    texts = []
    for _ in range(100):
        exchange = corpus.exchange()
        texts += [exchange.prompt, exchange.answer]
    ascii_text = "".join(map(chr, range(33, 127))) + "     \n\n\t"
    any_text = ascii_text + "\u00e9\u00fc\u00f1\u2011\u2014\u201c\u201d\u4e2d\u65e5\U0001f338"
    for alphabet in [ascii_text] * 100 + [any_text] * 100:
        texts.append("".join(rng.choice(alphabet) for _ in range(rng.randint(1, 40))))
    return [{"text": text, "ids": tokenizer.encode(text)} for text in texts]


def write_lines(name, items):
    """JSON with one item a line."""
    lines = ",\n".join("  " + json.dumps(item, ensure_ascii=True) for item in items)
    (FOLDER / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(name, len(items))


def write_lexicon():
    """{"1": "word word ...", "2": ...}."""
    groups = {}
    for word, count in sorted(SYLLABLES.items()):
        groups.setdefault(count, []).append(word)
    lines = ",\n".join(f'  "{count}": {json.dumps(" ".join(words))}' for count, words in sorted(groups.items()))
    (FOLDER / "syllables.json").write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    print("syllables.json", len(SYLLABLES))


if __name__ == "__main__":
    write_lines("prompts.json", evaluation_prompts())
    write_lines("tokenizations.json", reference_tokenizations())
    write_lexicon()
