# SPDX-License-Identifier: MIT
"""The checkpoint against llama.cpp: python3 parity.py checkpoint.pt engine.json [count].

engine.json is a list of {"prompt", "kind", "ids"}: greedy continuations as the engine produced them.
"""
import json
import sys

import torch

from decoder import Config, Decoder
from tokenizer import BOS, IM_END, IM_START, Tokenizer

NEAR_TIE_LOGITS = 0.05


def prompt_ids(tokenizer, row):
    if row["kind"] == "raw":
        return [BOS, *tokenizer.encode(row["prompt"])]
    user, assistant = tokenizer.encode("user\n" + row["prompt"]), tokenizer.encode("assistant\n")
    return [BOS, IM_START, *user, IM_END, *tokenizer.encode("\n"), IM_START, *assistant]


@torch.no_grad()
def first_difference(model, ids, expected):
    """How far in logits the engine's token is from ours where they first differ; None when they never do."""
    for token in expected:
        logits = model(torch.tensor([ids]))[0, -1]
        best = logits.argmax()
        if best.item() != token:
            return (logits[best] - logits[token]).item()
        ids = [*ids, token]
    return None


def main(checkpoint_path, engine_path, count="40"):
    checkpoint = torch.load(checkpoint_path, map_location="cpu")
    model = Decoder(Config(**checkpoint["config"]))
    model.load_state_dict(checkpoint["model"])
    model.eval()
    tokenizer = Tokenizer.load("vocab.json")
    with open(engine_path, encoding="utf-8") as file:
        rows = json.load(file)[: int(count)]
    gaps = [first_difference(model, prompt_ids(tokenizer, row), row["ids"]) for row in rows]
    near = sum(gap is not None and gap < NEAR_TIE_LOGITS for gap in gaps)
    print(len(rows), "rows,", gaps.count(None), "identical,", near, "differ at a near tie only")


if __name__ == "__main__":
    main(*sys.argv[1:])
