// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TINY_MODEL } from '../src/__fixtures__/gguf-file.ts';
import { mutate } from '../src/__fixtures__/mutate-header.ts';
import { machineClock } from '../src/__fixtures__/test-catalog.ts';
import { checkModelFiles } from '../src/gguf/check-model-file.ts';

// `node --conditions=@llama-orch/source packages/catalog/bench/load-mutants.ts [count] [first]`: tampers with the header of
// the project's model, and lets the embedded engine load what the check lets through. Says how many were refused by the
// check, refused by the engine, loaded, and which took the engine's process down.

const COUNT = Number(process.argv[2] ?? 10_000);
const FIRST = Number(process.argv[3] ?? 0);
const BATCH = 250;
const LOADER = fileURLToPath(new URL('./load-main.ts', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'llama-orch-mutants-'));
const sum = { refusedByCheck: 0, refusedByEngine: 0, loaded: 0 };
const crashed: string[] = [];
try {
  const { facts } = (await check([join(folder, await write(-1))]))[0] ?? {};
  if (facts === undefined) throw new Error('The model as it is was refused.');
  const headerBytes = TINY_MODEL.length - facts.weightsBytes;
  for (let from = FIRST; from < FIRST + COUNT; from += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, FIRST + COUNT - from) }, (_, index) => from + index);
    const names = await Promise.all(seeds.map((seed) => write(seed, headerBytes)));
    const answers = await check(names.map((name) => join(folder, name)));
    const passed = names.filter((_, index) => answers[index]?.fault === undefined);
    sum.refusedByCheck += names.length - passed.length;
    await load(passed);
    await Promise.all(names.map((name) => rm(join(folder, name))));
    process.stderr.write(`\r${from + names.length - FIRST} of ${COUNT}, ${crashed.length} crashes`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`\n${JSON.stringify({ mutants: COUNT, ...sum, crashed })}\n`);
process.exitCode = crashed.length === 0 ? 0 : 1;

async function write(seed: number, headerBytes = 0): Promise<string> {
  const name = `${seed}.gguf`;
  const mutant =
    seed < 0 ? { header: TINY_MODEL, sizeBytes: TINY_MODEL.length } : mutate(TINY_MODEL, headerBytes, seed);
  await writeFile(join(folder, name), mutant.header);
  await truncate(join(folder, name), mutant.sizeBytes);
  return name;
}

function check(paths: readonly string[]): ReturnType<typeof checkModelFiles> {
  return checkModelFiles(paths, { clock: machineClock, signal: new AbortController().signal, timeoutMs: 300_000 });
}

/** Loads one after the other; where the process dies, another goes on behind the file that killed it. */
async function load(names: readonly string[]): Promise<void> {
  for (let next = 0; next < names.length;) {
    const outcomes = await loadAll(names.slice(next));
    for (const outcome of outcomes) sum[outcome] += 1;
    next += outcomes.length;
    const killer = names[next];
    if (killer === undefined) continue;
    crashed.push(killer);
    next += 1;
  }
}

async function loadAll(names: readonly string[]): Promise<readonly ('loaded' | 'refusedByEngine')[]> {
  const paths = names.map((name) => join(folder, name));
  const child = spawn(process.execPath, [LOADER, ...paths], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await new Promise((resolve) => child.once('close', resolve));
  return text.split('\n').filter((line) => line === 'loaded' || line === 'refusedByEngine');
}
