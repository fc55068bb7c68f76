# SPDX-License-Identifier: MIT
"""The haiku grammar: random three-line poems of 5, 7 and 5 syllables in which every requested topic stands exactly once.

A pattern is a line with slots: N singular noun, P plural noun, M mass noun, A adjective, V third-person verb, W plural verb,
G -ing verb, R preposition, D adverb, S season or time, T topic. A lower-case word is itself.
"""
import random
import re

from syllables import (
    ADJS,
    ADVS,
    MASS,
    NUMBER_SYLLABLES,
    PLURALS,
    PREPS,
    SINGULARS,
    SYLLABLES,
    THEMED_PLURALS,
    THEMED_SINGULARS,
    THEMES,
    TIMES,
    VERBS_ING,
    VERBS_PLURAL,
    VERBS_THIRD,
    count_syllables,
)
from word_lists import NUMBERS

# Lines without a topic, by syllables.
FREE_PATTERNS = {
    5: [
        "the A N V", "A P W", "A A N", "G R the N", "R the A N", "the N V D", "P W R M", "M on the N", "A M V",
        "G and G", "the N in M", "a N V D", "S M V", "A S M", "P in the M", "R A P", "the N V", "D the N V",
        "no N no N", "A N A N",
    ],
    7: [
        "the A N V R the N", "A P W R the N", "the N V R the N", "M V R the A N", "G R the A N",
        "R the A N a N V", "P W D R M", "A M R the A P", "a N V in the A M", "the N and the N W", "D the A N V",
        "S M V R the N", "P and P W D", "the A N V in M", "the N G R the N", "no N V in the A M",
        "A N and A P W",
    ],
}

# Lines around the topic T, by its category.
TOPIC_PATTERNS = {
    "count": [
        "the T V", "a A T", "the A T V", "T R the N", "A T V", "R the T", "the T V D", "T and N", "the T V R M",
        "a T G", "R the A T", "the T V R the N", "the T G", "A T R the N", "a T V in M", "D the T V", "the T",
    ],
    "plural": [
        "T W", "A T", "A T W", "T R the N", "T W D", "R the T", "R A T", "T and P", "T W R M", "T G",
        "A T R the N", "A T W D", "P and A T", "T W R the A N",
    ],
    "mass": [
        "T V", "A T V", "T R the N", "the A T", "R the T", "T on the N", "T and M", "T V D", "A T in the N",
        "T V R the A N", "A T R the N", "A T D", "G R the T",
    ],
    "time": [
        "A T", "T M", "T comes again", "A T M", "T and the N V", "in T", "T M V", "R T", "A T R the N",
        "A T M V", "T without a sound", "a A T N",
    ],
    "adj": [
        "T N", "the T N V", "T P", "T M V", "T P W", "R the T N", "a T N", "T N V", "the T N V D",
        "T P R the N", "T and A N", "so T so A",
    ],
    "num": [
        "T P", "T A P", "T P W", "T P G", "T breaths", "minute T", "at minute T", "T heartbeats",
        "the clock strikes T", "T seconds", "counting to T", "T P in M", "T P R the N", "T A P W",
        "T steps R the N", "T past the hour", "only T P", "T P W D", "T ticks of the clock", "T P on the N",
        "counting T P",
    ],
    "any": [
        "T", "the word T", "T whispers the N", "the N whispers T", "T says the M", "a voice calling T",
        "T in the M", "murmur T", "it whispers T", "my name is T", "the sign reads T", "T carved in stone",
        "T written in M", "only T", "the echo of T", "they call it T", "I remember T", "the M says T",
        "T R the N", "D T",
    ],
}
SLOTS = set("NPMAVWGRDST")

# A noun topic gets its neighbour's theme, so that the word itself does not come up a second time.
SISTER_THEME = {
    "spring": "garden",
    "garden": "spring",
    "summer": "mountain",
    "mountain": "summer",
    "autumn": "winter",
    "winter": "autumn",
    "sea": "night",
    "night": "sea",
    "city": "tech",
    "tech": "city",
}
_LINE_MASS = set(
    "rain snow wind frost mist fog dew smoke dust sand moss grass light silence thunder moonlight sunlight starlight "
    "water music drizzle pollen stillness rainfall birdsong darkness".split()
)
LINE_MASS = [entry for entry in MASS if entry[0] in _LINE_MASS]
LINE_TIMES = [entry for entry in TIMES if entry[0].islower()]


def _share(words, theme, size):
    """A theme's own part of a word list: the likeliest haiku of two themes then differ in more than their nouns."""
    return random.Random(theme + str(len(words))).sample(words, size)


OWN_WORDS = {
    theme: {
        "A": _share(ADJS, theme, 36),
        "V": _share(list(range(len(VERBS_THIRD))), theme, 18),
        "M": _share(LINE_MASS, theme, 11),
        "R": _share(PREPS, theme, 9),
        "D": ADVS,
        "S": LINE_TIMES,
    }
    for theme in THEMES
}
OWN_PATTERNS = {theme: {5: _share(FREE_PATTERNS[5], theme, 7), 7: _share(FREE_PATTERNS[7], theme, 7)} for theme in THEMES}


def theme_of(word):
    """One theme per topic, so that the likeliest haiku differs from topic to topic."""
    if word in THEMES:
        return word
    if word in NUMBER_SYLLABLES:
        return THEMES[NUMBERS.index(word) % len(THEMES)]
    for theme in THEMES:
        if any(word == noun for noun, _ in SINGULARS[theme] + PLURALS[theme]):
            return SISTER_THEME[theme]
    return THEMES[sum(map(ord, word.lower()[:2])) % len(THEMES)]


def _with_articles(words):
    """Turns "a" into "an" where the next word sounds like a vowel."""
    for index, word in enumerate(words[:-1]):
        following = words[index + 1]
        if word == "a" and following[0].lower() in "aeiou" and not following.startswith(("one", "uni", "eu")):
            words[index] = "an"
    return " ".join(words)


def _topic_lines(topics):
    """Line index -> topic. The place of a topic is fixed (the requested word in line one, a second topic in line three,
    long ones in line two), so that a model of this size knows for certain whether the word is still owed."""
    if not topics:
        return {}
    first_is_long = topics[0][1] > 5
    if len(topics) == 1:
        return {1 if first_is_long else 0: topics[0]}
    if first_is_long:
        return {1: topics[0], 2: topics[1]}
    return {0: topics[0], 1 if topics[1][1] > 5 else 2: topics[1]}


def _without_repetition(lines):
    """No content word stands twice in a haiku."""
    seen = set()
    for word in re.findall(r"[a-z]+", " ".join(lines).lower()):
        if len(word) > 3 and word in seen:
            return False
        seen.add(word)
    return True


class HaikuGrammar:
    """Draws haiku from one random source. A topic is (word, syllables, category of TOPIC_PATTERNS)."""

    def __init__(self, rng):
        self.rng = rng

    def _pick(self, slot, theme):
        if slot == "N":
            return self.rng.choice(SINGULARS[theme]) if self.rng.random() < 0.75 else self.rng.choice(THEMED_SINGULARS)
        if slot == "P":
            return self.rng.choice(PLURALS[theme]) if self.rng.random() < 0.75 else self.rng.choice(THEMED_PLURALS)
        if slot in "VWG":
            verbs = {"V": VERBS_THIRD, "W": VERBS_PLURAL, "G": VERBS_ING}[slot]
            return verbs[self.rng.choice(OWN_WORDS[theme]["V"])]
        return self.rng.choice(OWN_WORDS[theme][slot])

    def _fill_once(self, pattern, target, theme, topic):
        words, total, used = [], 0, set()
        for token in pattern.split():
            if token == "T":
                word, count = topic
            elif token in SLOTS:
                word, count = self._pick(token, theme)
                if word in used:
                    return None
                used.add(word)
            else:
                word, count = token, SYLLABLES.get(token) or count_syllables(token)
            words.append(word)
            total += count
            if total > target:
                return None
        return _with_articles(words) if total == target else None

    def _fill(self, pattern, target, theme, topic):
        for _ in range(6):
            line = self._fill_once(pattern, target, theme, topic)
            if line:
                return line
        return None

    def line(self, target, theme, topic=None):
        """One line of `target` syllables, around a topic if given; None when no pattern fits."""
        patterns = TOPIC_PATTERNS[topic[2]] if topic else OWN_PATTERNS[theme][target]
        for _ in range(60):
            line = self._fill(self.rng.choice(patterns), target, theme, topic and topic[:2])
            if line:
                return line
        if topic:  # too long or awkward for every pattern: the nearest line that fits at all
            word, count = topic[:2]
            return "the " + word if count < target else word
        return None

    def haiku(self, topics, theme=None):
        """Three lines; each topic appears exactly once, each in a line of its own."""
        theme = theme or self.rng.choice(THEMES)
        placed = _topic_lines(topics)
        text = ""
        for _ in range(40):
            lines = [self.line(target, theme, placed.get(index)) for index, target in enumerate((5, 7, 5))]
            if None in lines:
                continue
            text = "\n".join(lines)
            lowered = text.lower()
            if all(lowered.count(word.lower()) == 1 for word, _, _ in topics) and _without_repetition(lines):
                break
        return text
