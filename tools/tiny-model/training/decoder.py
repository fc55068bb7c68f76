# SPDX-License-Identifier: MIT
"""Small llama-architecture decoder: RMSNorm, rotary positions on adjacent pairs (llama.cpp's NORM convention), SwiGLU, tied embeddings."""
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Config:
    """Shape of the model; written to the checkpoint and the GGUF."""

    vocab: int
    dim: int = 128
    layers: int = 4
    heads: int = 4
    ff: int = 352
    ctx: int = 512
    rope_base: float = 10000.0
    eps: float = 1e-5

    @property
    def head_dim(self):
        return self.dim // self.heads


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotary_tables(config):
    """Cosine and sine of every position's rotation."""
    frequencies = config.rope_base ** (-torch.arange(0, config.head_dim, 2).float() / config.head_dim)
    angles = torch.outer(torch.arange(config.ctx).float(), frequencies)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    """x is (batch, head, position, head_dim); pair (2i, 2i+1) turns by the i-th frequency."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    """Attention and feed-forward with residuals."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.attn_norm = RMSNorm(config.dim, config.eps)
        self.ffn_norm = RMSNorm(config.dim, config.eps)
        self.q = nn.Linear(config.dim, config.dim, bias=False)
        self.k = nn.Linear(config.dim, config.dim, bias=False)
        self.v = nn.Linear(config.dim, config.dim, bias=False)
        self.o = nn.Linear(config.dim, config.dim, bias=False)
        self.gate = nn.Linear(config.dim, config.ff, bias=False)
        self.up = nn.Linear(config.dim, config.ff, bias=False)
        self.down = nn.Linear(config.ff, config.dim, bias=False)

    def forward(self, x, cos, sin, causal_bias):
        batch, length, _ = x.shape
        heads = (batch, length, self.config.heads, self.config.head_dim)
        hidden = self.attn_norm(x)
        q = rotate(self.q(hidden).view(heads).transpose(1, 2), cos, sin)
        k = rotate(self.k(hidden).view(heads).transpose(1, 2), cos, sin)
        v = self.v(hidden).view(heads).transpose(1, 2)
        scores = torch.matmul(q, k.transpose(-1, -2)) * (1 / math.sqrt(self.config.head_dim)) + causal_bias
        attended = torch.matmul(torch.softmax(scores, -1), v.to(scores.dtype))
        x = x + self.o(attended.transpose(1, 2).reshape(batch, length, -1))
        hidden = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(hidden)) * self.up(hidden))


class SharedStems(nn.Module):
    """Token vectors as the sum of a stem's and a form's vector (see tokenizer.stems_and_forms)."""

    def __init__(self, stems, forms, stem_count, form_count, dim):
        super().__init__()
        self.register_buffer("stems", torch.tensor(stems), persistent=False)
        self.register_buffer("forms", torch.tensor(forms), persistent=False)
        self.stem_vectors = nn.Parameter(torch.randn(stem_count, dim) * 0.03)
        self.form_vectors = nn.Parameter(torch.zeros(form_count, dim))

    @property
    def weight(self):
        return self.stem_vectors[self.stems] + self.form_vectors[self.forms]


class Decoder(nn.Module):
    """The whole model. `embed` is SharedStems in training and a plain embedding when loaded from a checkpoint."""

    def __init__(self, config, embed=None):
        super().__init__()
        self.embed = embed or nn.Embedding(config.vocab, config.dim)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.dim, config.eps)
        cos, sin = rotary_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        causal_bias = torch.full((config.ctx, config.ctx), float("-inf")).triu(1)
        self.register_buffer("causal_bias", causal_bias, persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2 and not name.endswith("_vectors"):
                std = 0.02 if name.startswith("embed") else 1 / math.sqrt(parameter.shape[1])
                if name.endswith(("o.weight", "down.weight")):
                    std /= math.sqrt(2 * config.layers)
                nn.init.normal_(parameter, std=std)

    def hidden(self, ids, table):
        """Final hidden states; `table` are the token vectors, computed once per step by the caller."""
        length = ids.shape[1]
        x = F.embedding(ids, table)
        for block in self.blocks:
            x = block(x, self.cos[:length], self.sin[:length], self.causal_bias[:length, :length])
        return self.norm(x)

    def forward(self, ids):
        table = self.embed.weight
        return F.linear(self.hidden(ids, table), table)
