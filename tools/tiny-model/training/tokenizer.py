# SPDX-License-Identifier: MIT
"""Word vocabulary with byte fallback, in the form llama.cpp reads as tokenizer.ggml.model=gpt2, pre=llama-bpe.

That pre-tokenizer looks every piece of its split up in the vocabulary before it tries merges, so a vocabulary of whole
pieces plus the 256 byte symbols needs no merges: a known piece is one token, an unknown piece is its bytes.
"""
import json
import re

_LETTER = r"[^\W\d_]"
SPLIT = re.compile(
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
    rf"|(?:[^\r\n\w]|_)?{_LETTER}+|\d{{1,3}}| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SPECIALS = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<pad>"]
UNK, BOS, EOS, IM_START, IM_END, PAD = range(6)


def _byte_symbols():
    """The printable stand-in for every byte in GPT-2 style vocabularies."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    table, extra = {}, 0
    for byte in range(256):
        if byte in printable:
            table[byte] = chr(byte)
        else:
            table[byte] = chr(256 + extra)
            extra += 1
    return table


BYTE_TO_SYMBOL = _byte_symbols()
SYMBOL_TO_BYTE = {symbol: byte for byte, symbol in BYTE_TO_SYMBOL.items()}


def to_symbols(text):
    """Text as one symbol a byte."""
    return "".join(BYTE_TO_SYMBOL[byte] for byte in text.encode("utf-8"))


class Tokenizer:
    """Encodes text; `tokens` is the vocabulary in id order."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.ids = {token: index for index, token in enumerate(tokens)}
        assert len(self.ids) == len(tokens), "a token stands in the vocabulary twice"
        self._encoded = {}

    @classmethod
    def from_pieces(cls, pieces):
        """Specials, bytes, then the pieces; padded to a multiple of 32."""
        tokens = SPECIALS + list(BYTE_TO_SYMBOL.values())
        seen = set(tokens)
        for piece in pieces:
            symbols = to_symbols(piece)
            if symbols not in seen:
                seen.add(symbols)
                tokens.append(symbols)
        while len(tokens) % 32:
            tokens.append(f"<unused{len(tokens)}>")
        return cls(tokens)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file))

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.tokens, file, ensure_ascii=True, indent=0)

    def encode(self, text):
        """Token ids, without special tokens."""
        out = []
        for piece in SPLIT.findall(text):
            ids = self._encoded.get(piece)
            if ids is None:
                symbols = to_symbols(piece)
                ids = [self.ids[symbols]] if symbols in self.ids else [self.ids[symbol] for symbol in symbols]
                self._encoded[piece] = ids
            out += ids
        return out


_SPACE, _HYPHEN, _TYPOGRAPHIC_HYPHEN = to_symbols(" "), "-", to_symbols("\u2011")
FORM_COUNT = 8


def stems_and_forms(tokens):
    """(stem of every token, form of every token, number of stems).

    'frog', ' frog' and 'Frog' share one stem and differ in the form, so that a copy learned for one word holds for every
    word. In training a token's vector is the sum of both; only the sum goes into the model file.
    """
    stem_ids, stems, forms = {}, [], []
    for index, token in enumerate(tokens):
        stem, form = token, 0
        if index >= len(SPECIALS) and len(token) > 1 and not token.startswith("<unused"):
            for prefix_form, prefix in ((1, _SPACE), (2, _HYPHEN), (3, _TYPOGRAPHIC_HYPHEN)):
                if token.startswith(prefix):
                    form, stem = prefix_form, token[len(prefix) :]
                    break
            if len(stem) < 2 or not (stem.isascii() and stem.isalpha()):
                form, stem = 0, token
            elif stem[0].isupper() and stem[1:].islower():
                form, stem = form + 4, stem.lower()
        stems.append(stem_ids.setdefault(stem, len(stem_ids)))
        forms.append(form)
    return stems, forms, len(stem_ids)
