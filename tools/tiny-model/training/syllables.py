# SPDX-License-Identifier: MIT
"""The lexicon: every word list as (word, syllables) pairs, and a syllable counter over it."""
import re

from word_lists import (
    ADJECTIVES,
    ADVERBS,
    GENERAL_NOUNS,
    MASS_NOUNS,
    NUMBER_PART_SYLLABLES,
    NUMBERS,
    PREPOSITIONS,
    THEMED_NOUNS,
    TIME_WORDS,
    VERBS,
)

ADVERB_ENTRY = r"(at dusk|at dawn|once more|all through the night|without a sound|\w+)(?::(\d))?"


def split_count(item, group_syllables):
    """("word:3", 2) -> ("word", 3); ("word", 2) -> ("word", 2)."""
    word, _, count = item.partition(":")
    return word, int(count) if count else group_syllables


def entries(table):
    """(word, syllables) pairs of a word list."""
    return [split_count(item, count) for count, words in table.items() for item in words.split()]


def plural(word, count):
    """Regular plural and its syllables."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es", count + 1
    if word.endswith(("ce", "ge", "se", "ze")):
        return word + "s", count + 1
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies", count
    if word in ("tomato", "potato"):
        return word + "es", count
    return word + "s", count


def singulars_and_plurals(table):
    """Both forms of a list of countable nouns."""
    singulars, plurals = [], []
    for group_syllables, words in table.items():
        for item in words.split():
            base, _, irregular = item.partition("/")
            word, count = split_count(base, group_syllables)
            singulars.append((word, count))
            if irregular:
                longer = irregular == "children" or irregular.endswith(("xes", "ses"))
                plurals.append((irregular, count + longer))
            else:
                plurals.append(plural(word, count))
    return singulars, plurals


THEMES = list(THEMED_NOUNS)
SINGULARS, PLURALS = {}, {}
for _theme in THEMES:
    SINGULARS[_theme], PLURALS[_theme] = singulars_and_plurals(THEMED_NOUNS[_theme])
_general_singulars, _general_plurals = singulars_and_plurals(GENERAL_NOUNS)

THEMED_SINGULARS = sorted({noun for theme in THEMES for noun in SINGULARS[theme]})
THEMED_PLURALS = sorted({noun for theme in THEMES for noun in PLURALS[theme]})
ALL_SINGULARS = sorted({*THEMED_SINGULARS, *_general_singulars})
ALL_PLURALS = sorted({*THEMED_PLURALS, *_general_plurals})
MASS = entries(MASS_NOUNS)
TIMES = entries(TIME_WORDS)
ADJS = entries(ADJECTIVES)
PREPS = entries(PREPOSITIONS)
ADVS = [
    (word, int(count) if count else group_syllables)
    for group_syllables, words in ADVERBS.items()
    for word, count in re.findall(ADVERB_ENTRY, words)
    if not word.isdigit()
]
VERBS_PLURAL, VERBS_THIRD, VERBS_ING = [], [], []
for _syllables, _words in VERBS.items():
    for _item in _words.split():
        _plural, _third, _ing = _item.split("/")
        VERBS_PLURAL.append(split_count(_plural, _syllables))
        VERBS_THIRD.append(split_count(_third, _syllables))
        VERBS_ING.append(split_count(_ing, _syllables + 1))

NUMBER_SYLLABLES = {
    number: sum(NUMBER_PART_SYLLABLES.get(part, 1) for part in number.split("-")) for number in NUMBERS
}

# Words of line patterns, phrases and prompts that stand in no list.
OTHER_WORDS = {
    1: (
        "the a an and of at word says past breaths steps clock strikes my name is sign reads one's all through once more "
        "sound carved stone like as to they call it voice dreams scent for falls comes with no dusk dawn ticks tick source "
        "lights full large day still so i hear see we her his years hour"
    ),
    2: (
        "whispers murmurs minute minutes seconds heartbeats counting without only ever murmur echo calling written waiting "
        "into again machine learning neural network cherry open city centers language models data thinking many letter"
    ),
    3: "gpu computing remember",
}

SYLLABLES = {}
for _list in (
    ALL_SINGULARS,
    ALL_PLURALS,
    MASS,
    TIMES,
    ADJS,
    PREPS,
    VERBS_PLURAL,
    VERBS_THIRD,
    VERBS_ING,
    list(NUMBER_SYLLABLES.items()),
    [(word, count) for word, count in ADVS if " " not in word],
):
    for _word, _count in _list:
        SYLLABLES.setdefault(_word, _count)
SYLLABLES.update(entries(OTHER_WORDS))


def guess_syllables(word):
    """Rough count for invented words."""
    word = word.lower()
    count = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and count > 1 and not word.endswith(("le", "ee", "ye", "oe")):
        count -= 1
    digits = sum(character.isdigit() for character in word)
    if digits or (len(word) > 7 and count > 4):
        return max(1, min(count + digits, 3))  # nobody can say how an identifier sounds
    return max(1, count)


def count_syllables(text):
    """Syllables of a line, by the lexicon, and by a guess for words outside it."""
    total = 0
    for piece in re.findall(r"[A-Za-z0-9'\u2011-]+", text):
        word = piece.strip("-'").replace("\u2011", "-")
        if not word:
            continue
        known = SYLLABLES.get(word, SYLLABLES.get(word.lower()))
        if known is not None:
            total += known
        elif "-" in word:
            total += sum(count_syllables(part) for part in word.split("-") if part)
        else:
            total += guess_syllables(word)
    return total
