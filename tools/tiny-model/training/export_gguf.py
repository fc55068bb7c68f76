# SPDX-License-Identifier: MIT
"""Writes a checkpoint as GGUF version 3 (llama architecture): python3 export_gguf.py checkpoint.pt model.gguf [f16|f32]."""
import struct
import sys

import numpy as np

from tokenizer import BOS, EOS, IM_END, PAD, SPECIALS, UNK, Tokenizer

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
SCALAR_FORMATS = {UINT32: "I", INT32: "i", FLOAT32: "f", BOOL: "?"}
TENSOR_F32, TENSOR_F16 = 0, 1
FILE_TYPES = {"f32": 0, "f16": 1}
TOKEN_NORMAL, TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_UNUSED = 1, 2, 3, 5
ALIGNMENT = 32

CHAT_TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
BLOCK_TENSORS = (
    ("attn_norm", "attn_norm"),
    ("attn_q", "q"),
    ("attn_k", "k"),
    ("attn_v", "v"),
    ("attn_output", "o"),
    ("ffn_norm", "ffn_norm"),
    ("ffn_gate", "gate"),
    ("ffn_up", "up"),
    ("ffn_down", "down"),
)


def string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, value, item_kind=None):
    """One metadata key with its value."""
    out = string(key) + struct.pack("<I", kind)
    if kind == STRING:
        return out + string(value)
    if kind != ARRAY:
        return out + struct.pack("<" + SCALAR_FORMATS[kind], value)
    out += struct.pack("<IQ", item_kind, len(value))
    if item_kind == STRING:
        return out + b"".join(map(string, value))
    return out + struct.pack(f"<{len(value)}{SCALAR_FORMATS[item_kind]}", *value)


def metadata(config, tokens, parameter_count, kind):
    token_types = [TOKEN_UNKNOWN] + [TOKEN_CONTROL] * (len(SPECIALS) - 1)
    token_types += [TOKEN_UNUSED if token.startswith("<unused") else TOKEN_NORMAL for token in tokens[len(SPECIALS) :]]
    return [
        entry("general.architecture", STRING, "llama"),
        entry("general.type", STRING, "model"),
        entry("general.name", STRING, "Haiku Tiny"),
        entry("general.basename", STRING, "haiku-tiny"),
        entry("general.size_label", STRING, f"{parameter_count / 1e6:.1f}M"),
        entry(
            "general.description",
            STRING,
            "Tiny decoder trained on a synthetic haiku grammar; it copies a requested word into a three-line poem.",
        ),
        entry("general.license", STRING, "mit"),
        entry("general.file_type", UINT32, FILE_TYPES[kind]),
        entry("general.quantization_version", UINT32, 2),
        entry("llama.vocab_size", UINT32, len(tokens)),
        entry("llama.context_length", UINT32, config["ctx"]),
        entry("llama.embedding_length", UINT32, config["dim"]),
        entry("llama.block_count", UINT32, config["layers"]),
        entry("llama.feed_forward_length", UINT32, config["ff"]),
        entry("llama.attention.head_count", UINT32, config["heads"]),
        entry("llama.attention.head_count_kv", UINT32, config["heads"]),
        entry("llama.attention.layer_norm_rms_epsilon", FLOAT32, config["eps"]),
        entry("llama.rope.dimension_count", UINT32, config["dim"] // config["heads"]),
        entry("llama.rope.freq_base", FLOAT32, config["rope_base"]),
        entry("tokenizer.ggml.model", STRING, "gpt2"),
        entry("tokenizer.ggml.pre", STRING, "llama-bpe"),
        entry("tokenizer.ggml.tokens", ARRAY, tokens, STRING),
        entry("tokenizer.ggml.token_type", ARRAY, token_types, INT32),
        # llama.cpp demands the key; no symbol of a text is ever "<unk>", so this one never applies
        entry("tokenizer.ggml.merges", ARRAY, ["<unk> <unk>"], STRING),
        entry("tokenizer.ggml.bos_token_id", UINT32, BOS),
        entry("tokenizer.ggml.eos_token_id", UINT32, EOS),
        entry("tokenizer.ggml.eot_token_id", UINT32, IM_END),
        entry("tokenizer.ggml.unknown_token_id", UINT32, UNK),
        entry("tokenizer.ggml.padding_token_id", UINT32, PAD),
        entry("tokenizer.ggml.add_bos_token", BOOL, True),
        entry("tokenizer.ggml.add_eos_token", BOOL, False),
        entry("tokenizer.chat_template", STRING, CHAT_TEMPLATE),
    ]


def tensor_names(layers):
    """(name in the file, name in the checkpoint), in file order."""
    names = [("token_embd.weight", "embed.weight")]
    for layer in range(layers):
        names += [(f"blk.{layer}.{name}.weight", f"blocks.{layer}.{source}.weight") for name, source in BLOCK_TENSORS]
    return [*names, ("output_norm.weight", "norm.weight")]


def padding(size):
    return b"\0" * (-size % ALIGNMENT)


def gguf(config, weights, tokens, kind="f16"):
    """The file's bytes. Vectors stay F32, matrices are written as `kind`."""
    names = tensor_names(config["layers"])
    infos, blobs, offset = b"", [], 0
    for name, source in names:
        array = weights[source]
        half = kind == "f16" and array.ndim > 1
        blob = np.ascontiguousarray(array).astype("<f2" if half else "<f4").tobytes()
        blob += padding(len(blob))
        shape = b"".join(struct.pack("<Q", size) for size in reversed(array.shape))
        infos += string(name) + struct.pack("<I", array.ndim) + shape
        infos += struct.pack("<IQ", TENSOR_F16 if half else TENSOR_F32, offset)
        blobs.append(blob)
        offset += len(blob)
    entries = metadata(config, tokens, sum(array.size for array in weights.values()), kind)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(names), len(entries)) + b"".join(entries) + infos
    return head + padding(len(head)) + b"".join(blobs)


def main(checkpoint_path, out, kind="f16"):
    import torch  # only here: `gguf` needs numpy alone

    checkpoint = torch.load(checkpoint_path, map_location="cpu")
    weights = {name: value.float().numpy() for name, value in checkpoint["model"].items()}
    data = gguf(checkpoint["config"], weights, Tokenizer.load("vocab.json").tokens, kind)
    with open(out, "wb") as file:
        file.write(data)
    print(out, kind, f"{len(data):,} bytes, step", checkpoint["step"])


if __name__ == "__main__":
    main(*sys.argv[1:])
