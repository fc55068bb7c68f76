# SPDX-License-Identifier: MIT
"""Trains the model on CPU: python3 train.py --steps 3000 --out checkpoint.pt.

Every worker process takes a part of the batch on one thread; gradients meet in shared memory, which stays quick on a busy
machine where OpenMP's spinning barriers do not.
"""
import argparse
import os
import time
from dataclasses import asdict

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
import torch.multiprocessing
import torch.nn.functional as F

from decoder import Config, Decoder, SharedStems
from tokenizer import FORM_COUNT, Tokenizer, stems_and_forms

VALIDATION_BLOCKS = 200


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train the tiny haiku model.")
    parser.add_argument("--data", nargs="+", default=["main-1.npz", "main-2.npz"], help="blocks of the main phase")
    parser.add_argument("--long", default="long.npz", help="longer blocks for the last phase")
    parser.add_argument("--validation", default="validation.npz")
    parser.add_argument("--out", default="checkpoint.pt")
    parser.add_argument("--batch", type=int, default=4096, help="tokens a step")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--switch", type=float, default=0.85, help="share of the steps before the long blocks")
    parser.add_argument("--decay", type=float, default=0.4, help="share of the steps in which the learning rate falls")
    parser.add_argument("--warmup", type=int, default=60, help="steps")
    parser.add_argument("--adam-rate", type=float, default=4e-3)
    parser.add_argument("--muon-rate", type=float, default=0.02)
    parser.add_argument("--muon-decay", type=float, default=0.01, help="weight decay of the matrices")
    parser.add_argument(
        "--word-weight", type=float, default=3.0, help="loss weight of requested words; their first token weighs 1 in the last phase"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=250, help="steps")
    return parser.parse_args()


class Muon:
    """Momentum whose update is made orthogonal by a Newton-Schulz iteration; matrices of one shape run as one batch."""

    def __init__(self, parameters, rate, weight_decay, momentum=0.95):
        self.rate, self.weight_decay, self.momentum = rate, weight_decay, momentum
        self.groups = {}
        for parameter in parameters:
            self.groups.setdefault(tuple(parameter.shape), []).append(parameter)
        self.buffers = {shape: torch.zeros(len(group), *shape) for shape, group in self.groups.items()}

    @torch.no_grad()
    def step(self):
        for shape, group in self.groups.items():
            gradients = torch.stack([parameter.grad for parameter in group])
            buffer = self.buffers[shape]
            buffer.mul_(self.momentum).add_(gradients)
            update = gradients + self.momentum * buffer
            x = update / (update.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
            tall = shape[0] > shape[1]
            x = x.transpose(1, 2) if tall else x
            for _ in range(5):
                gram = x @ x.transpose(1, 2)
                x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
            x = x.transpose(1, 2) if tall else x
            scale = max(1, shape[0] / shape[1]) ** 0.5
            for parameter, delta in zip(group, x):
                parameter.mul_(1 - self.rate * self.weight_decay).add_(delta, alpha=-self.rate * scale)


def load_blocks(paths):
    """(tokens, marks) of one or more block files."""
    files = [np.load(path) for path in paths]
    tokens = np.concatenate([file["tokens"] for file in files]).astype(np.int32)
    return torch.from_numpy(tokens), torch.from_numpy(np.concatenate([file["marks"] for file in files]))


def answer_losses(model, tokens, marks):
    """Loss and mark of every answer token."""
    marks = marks[:, 1:]
    selected = marks > 0
    with torch.autocast("cpu", dtype=torch.bfloat16):
        table = model.embed.weight
        logits = F.linear(model.hidden(tokens[:, :-1].long(), table)[selected], table)
    return F.cross_entropy(logits.float(), tokens[:, 1:][selected].long(), reduction="none"), marks[selected]


def save_checkpoint(model, config, step, path):
    """Only the sum of stem and form is saved: the embedding as inference needs it."""
    state = {name: value for name, value in model.state_dict().items() if not name.startswith("embed.")}
    state["embed.weight"] = model.embed.weight.detach().clone()
    torch.save({"model": state, "config": asdict(config), "step": step}, path + ".tmp")
    os.replace(path + ".tmp", path)


class BlockSampler:
    """Shuffled batches; starts over when the phase or the pass ends."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.blocks, self.order, self.position = None, None, 0

    def next(self, blocks, batch_tokens):
        size = batch_tokens // blocks.shape[1]
        if self.blocks is not blocks or self.position + size > len(self.order):
            self.blocks, self.position = blocks, 0
            self.order = torch.randperm(len(blocks), generator=self.generator)
        batch = self.order[self.position : self.position + size]
        self.position += size
        return batch


def print_validation(model, tokens, marks):
    with torch.no_grad():
        parts = [answer_losses(model, tokens[at : at + 20], marks[at : at + 20]) for at in range(0, VALIDATION_BLOCKS, 20)]
    losses, kinds = torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])
    print("  held out: plain %.4f, word begins %.4f, continues %.4f" % tuple(losses[kinds == kind].mean() for kind in (1, 2, 3)), flush=True)


def worker(rank, arguments, model_parts, shared_gradients, barrier):
    """One process: its part of every batch, then the same update as all others."""
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    config, stems = model_parts
    model = Decoder(config, SharedStems(*stems, FORM_COUNT, config.dim))
    parameters = list(model.parameters())
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and not name.startswith("embed")]
    matrix_ids = {id(matrix) for matrix in matrices}
    others = [parameter for parameter in parameters if id(parameter) not in matrix_ids]
    muon = Muon(matrices, arguments.muon_rate, arguments.muon_decay)
    adam = torch.optim.AdamW(others, lr=arguments.adam_rate, betas=(0.9, 0.98), weight_decay=0.0)
    main, long = load_blocks(arguments.data), load_blocks([arguments.long])
    validation = load_blocks([arguments.validation])
    sampler, started = BlockSampler(arguments.seed), time.time()
    for step in range(1, arguments.steps + 1):
        in_main = step <= arguments.switch * arguments.steps
        tokens, marks = main if in_main else long
        batch = sampler.next(tokens, arguments.batch)[rank :: arguments.processes]
        losses, kinds = answer_losses(model, tokens[batch], marks[batch])
        # The first token of a word is not favored at the end: that would bias the model towards copying.
        weights = torch.tensor([0.0, 1.0, arguments.word_weight if in_main else 1.0, arguments.word_weight])[kinds.long()]
        model.zero_grad(set_to_none=True)
        ((losses * weights).sum() / (arguments.batch * 0.4)).backward()  # a fixed divisor keeps the parts on one scale
        shared_gradients[rank].copy_(torch.cat([parameter.grad.flatten() for parameter in parameters]))
        barrier.wait()
        total = shared_gradients.sum(0)
        barrier.wait()
        offset = 0
        for parameter in parameters:
            parameter.grad = total[offset : offset + parameter.numel()].view_as(parameter)
            offset += parameter.numel()
        progress = (arguments.steps - step) / (arguments.decay * arguments.steps) + 0.01
        factor = min(1, step / arguments.warmup, progress)
        muon.rate = arguments.muon_rate * factor
        for group in adam.param_groups:
            group["lr"] = arguments.adam_rate * factor
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        muon.step()
        adam.step()
        if rank == 0 and step % 50 == 0:
            print(f"step {step} loss {losses.mean().item():.3f} after {time.time() - started:.0f} s", flush=True)
        if rank == 0 and (step % arguments.save_every == 0 or step == arguments.steps):
            print_validation(model, *validation)
            save_checkpoint(model, config, step, arguments.out)


def main():
    arguments = parse_arguments()
    tokens = Tokenizer.load("vocab.json").tokens
    model_parts = Config(len(tokens)), stems_and_forms(tokens)
    config, stems = model_parts
    size = sum(p.numel() for p in Decoder(config, SharedStems(*stems, FORM_COUNT, config.dim)).parameters())
    shared_gradients = torch.zeros(arguments.processes, size).share_memory_()
    context = torch.multiprocessing.get_context("fork")
    barrier = context.Barrier(arguments.processes)
    processes = [
        context.Process(target=worker, args=(rank, arguments, model_parts, shared_gradients, barrier))
        for rank in range(arguments.processes)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
