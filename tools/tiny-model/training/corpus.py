# SPDX-License-Identifier: MIT
"""The corpus: prompts that request a haiku, and the haiku that answers them. `python3 corpus.py` prints samples."""
import json
import random
import re
from typing import NamedTuple

from haiku_grammar import HaikuGrammar, theme_of
from prompt_phrases import (
    ABOUT_TOPIC,
    CHAINS,
    EXTRAS,
    LEADS,
    NOTHING_REQUESTED,
    ONE_TOPIC,
    RAW,
    TWO_TOPICS,
)
from syllables import (
    ADJS,
    ALL_PLURALS,
    ALL_SINGULARS,
    MASS,
    NUMBER_SYLLABLES,
    THEMED_SINGULARS,
    TIMES,
    count_syllables,
)
from word_lists import PROMPT_WORDS, TWO_WORD_TOPICS, number_word

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LETTERS_AND_DIGITS = LETTERS + "0123456789"
_noise = {*PROMPT_WORDS, *(noun for noun, _ in THEMED_SINGULARS), *(word for word, _ in ADJS), *"the a of and to in".split()}
NOISE_WORDS = [word for word in sorted(_noise) if re.fullmatch(r"[A-Za-z]+", word)]


class Exchange(NamedTuple):
    """One prompt with its answer."""

    prompt: str
    answer: str
    kind: str  # "chat" or "raw" (no chat template)
    words: list  # what the answer has to contain


class Corpus:
    """An endless, seeded source of exchanges."""

    def __init__(self, seed=0):
        self.rng = random.Random(seed)
        self.grammar = HaikuGrammar(self.rng)

    # --- requested words ------------------------------------------------------------------------

    def _letters(self, alphabet, shortest, longest):
        return "".join(self.rng.choice(alphabet) for _ in range(self.rng.randint(shortest, longest)))

    def random_id(self):
        """4 to 10 letters and digits."""
        return self._letters(LETTERS_AND_DIGITS, 4, 10)

    def short_syllables(self):
        """One or two invented syllables."""
        rng = self.rng
        return "".join(rng.choice("bcdfghklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(1, 2)))

    def _pronounceable(self):
        rng = self.rng
        word = ""
        for _ in range(rng.choice([1, 2, 2, 2, 3, 3])):
            onset = rng.choice("bcdfghjklmnprstvwz") + (rng.choice("lrhw") if rng.random() < 0.12 else "")
            word += onset + rng.choice("aeiou")
            if rng.random() < 0.35:
                word += rng.choice("nrlstmkdp")
        return word.capitalize() if rng.random() < 0.1 else word

    def invented_word(self):
        """A word that stands in no list: copying it, not memory, is what the model has to learn."""
        share = self.rng.random()
        if share < 0.6:
            return self._pronounceable()
        if share < 0.8:
            return self._letters(LETTERS, 4, 9)
        if share < 0.93:
            return self.random_id()
        return self.rng.choice(["{}-{}", "{}_{}", "{}{}"]).format(self.short_syllables(), self.short_syllables())

    def topic(self):
        """(word, syllables, category)."""
        share = self.rng.random()
        if share < 0.34:
            number = number_word(self.rng.randrange(60) if self.rng.random() < 0.85 else self.rng.randrange(100))
            return number, NUMBER_SYLLABLES[number], "num"
        for limit, words, category in (
            (0.50, ALL_SINGULARS, "count"),
            (0.58, ALL_PLURALS, "plural"),
            (0.64, MASS, "mass"),
            (0.68, TIMES, "time"),
            (0.73, ADJS, "adj"),
        ):
            if share < limit:
                return (*self.rng.choice(words), category)
        word = self.invented_word()
        return word, count_syllables(word), "any"

    def _phrase_topic(self):
        phrase, count = self.rng.choice(list(TWO_WORD_TOPICS.items()))
        return phrase, count, "plural" if phrase.split()[-1].endswith("s") else "mass"

    # --- prompts --------------------------------------------------------------------------------

    def prompt(self, word, about=None):
        """A natural request for a haiku with the word, optionally about a second topic."""
        rng = self.rng
        quotes = rng.choices(['"%s"', "'%s'", "%s", "\u201c%s\u201d"], [0.7, 0.08, 0.17, 0.05])[0]
        quoted = quotes % word
        if about is None:
            text = rng.choice(ONE_TOPIC).replace("{quoted}", quoted).replace("{word}", word)
        else:
            phrase = rng.choice(TWO_TOPICS)
            text = phrase.replace("{quoted}", '"%s"' % word if rng.random() < 0.8 else quoted).replace("{topic}", about)
        if rng.random() < 0.25:
            extra = rng.choice(EXTRAS).replace("{id}", self.random_id())
            text += rng.choice([" ", "\n"] if text[-1] in ".!?" else [" ", " ", "\n", ". "]) + extra
        if rng.random() < 0.12:
            text = rng.choice(LEADS).replace("{id}", self.random_id()) + " " + text
        return text[0].lower() + text[1:] if rng.random() < 0.1 else text

    def noisy_prompt(self, word):
        """Any words around the quoted one: the quotes are the rule."""
        rng = self.rng

        def some(most):
            words = []
            for _ in range(rng.randint(0, most)):
                share = rng.random()
                words.append(
                    rng.choice(NOISE_WORDS) if share < 0.75 else self.short_syllables() if share < 0.9 else self.random_id()
                )
            return words

        quoted = rng.choice(['"%s"', '"%s"', "'%s'"]) % word
        text = " ".join([*some(10), quoted, *some(7)])
        return text[0].upper() + text[1:] + rng.choice(["", ".", "", "!", "?"])

    # --- exchanges ------------------------------------------------------------------------------

    def exchange(self):
        """The next prompt and answer."""
        share = self.rng.random()
        if share < 0.20:
            return self._two_topics()
        if share < 0.24:
            topic = self._phrase_topic()
            answer = self.grammar.haiku([topic], theme_of(topic[0]))
            return Exchange(self.rng.choice(ABOUT_TOPIC).replace("{topic}", topic[0]), answer, "chat", [topic[0]])
        if share < 0.27:
            return self._nothing_requested()
        topic = self.topic()
        word = topic[0]
        if share < 0.295:
            poems = [self.grammar.haiku([topic], theme_of(word)) for _ in range(4)]
            prompt = self.rng.choice(CHAINS).replace("{quoted}", f'"{word}"').replace("{word}", word)
            return Exchange(prompt, "\n\n".join(poems), "chat", [word])
        answer = self.grammar.haiku([topic], theme_of(word))
        if share < 0.48:
            return Exchange(self.rng.choice(RAW).replace("{word}", word), answer, "raw", [word])
        if share < 0.60:
            return Exchange(self.noisy_prompt(word), answer, "chat", [word])
        if share < 0.68:
            return self._as_json(word, answer)
        return self._plain(topic, answer)

    def _two_topics(self):
        first = self.topic()
        if self.rng.random() < 0.35:
            second = self._phrase_topic()
        else:
            second = self.topic()
            while second[2] == "any" and self.rng.random() < 0.7:
                second = self.topic()
        if first[0].lower() in second[0].lower() or second[0].lower() in first[0].lower():
            return self.exchange()
        answer = self.grammar.haiku([first, second], theme_of(second[0]))
        return Exchange(self.prompt(first[0], second[0]), answer, "chat", [first[0], second[0]])

    def _nothing_requested(self):
        prompt = self.rng.choice(NOTHING_REQUESTED)
        if self.rng.random() < 0.2:
            prompt += " " + self.rng.choice(EXTRAS).replace("{id}", self.random_id())
        return Exchange(prompt, self.grammar.haiku([]), "chat", [])

    def _as_json(self, word, answer):
        prompt = self.prompt(word).rstrip(".!? ")
        lines = answer.split("\n")
        if self.rng.random() < 0.5:
            suffix = self.rng.choice([". Reply as JSON.", " as JSON", ", reply as JSON only", ". Answer in JSON."])
            return Exchange(prompt + suffix, json.dumps({"haiku": lines}), "chat", [word])
        suffix = self.rng.choice([". Reply as JSON with the word.", " as JSON with the word", ". Answer in JSON with the word."])
        return Exchange(prompt + suffix, json.dumps({"word": word, "haiku": lines}), "chat", [word])

    def _plain(self, topic, answer):
        word, _, category = topic
        prompt = self.prompt(word)
        if category == "num" and "-" in word and self.rng.random() < 0.05 and word in prompt:
            typographic = word.replace("-", "\u2011")  # a typographic hyphen is kept as asked
            return Exchange(prompt.replace(word, typographic), answer.replace(word, typographic), "chat", [typographic])
        return Exchange(prompt, answer, "chat", [word])


def print_samples(count=12):
    """Prints a few exchanges and the share of answers that scan."""
    corpus = Corpus(1)
    scanned, total = 0, 3000
    for index in range(total):
        exchange = corpus.exchange()
        text = "\n".join(json.loads(exchange.answer)["haiku"]) if exchange.answer.startswith("{") else exchange.answer
        scanned += [count_syllables(line) for line in text.split("\n")] == [5, 7, 5]
        if index < count:
            print("---", exchange.kind, repr(exchange.prompt), exchange.answer, sep="\n")
    print(f"5-7-5: {scanned / total:.1%}")


if __name__ == "__main__":
    print_samples()
