// SPDX-License-Identifier: MIT
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { tinyModelPath } from '@llama-orch/tiny-model';
import { expect } from 'vitest';
import { soundModel, TINY_MODEL } from '../__fixtures__/gguf-file.ts';
import { mutate, type Mutant } from '../__fixtures__/mutate-header.ts';
import { machineClock } from '../__fixtures__/test-catalog.ts';
import { checkHeader, type HeaderShape } from './check-header.ts';
import { checkModelFile, checkModelFiles, type CheckLimits, type CheckOptions } from './check-model-file.ts';
import { HeaderFault } from './header-reader.ts';
import { estimateDeviceMemory } from './model-facts.ts';

/** `CATALOG_MUTANTS=10000` for the whole number. */
const MUTANTS = Number(process.env['CATALOG_MUTANTS'] ?? 1_500);
/** A process of its own for each of them would take most of its time to start. */
const PER_PROCESS = 250;
const MAX_HEADER_BYTES = 48 * 2 ** 20;

interface Scratch extends AsyncDisposable {
  write(name: string, mutant: Mutant): Promise<string>;
}

async function makeScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'llama-orch-headers-'));
  return {
    async write(name, { header, sizeBytes }) {
      const path = join(folder, name);
      await writeFile(path, header);
      await using file = await open(path, 'r+');
      await file.truncate(sizeBytes);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function options(limits: CheckLimits = {}, signal = new AbortController().signal): CheckOptions {
  return { clock: machineClock, signal, timeoutMs: 120_000, ...limits };
}

/** Checks a header in this process, with a file that is watched: a read past its end is an error of the test. */
function checkWatched({ header, sizeBytes }: Mutant): HeaderShape {
  return checkHeader({
    fileBytes: sizeBytes,
    maxHeaderBytes: MAX_HEADER_BYTES,
    read(target, position) {
      if (position < 0 || position + target.length > sizeBytes) throw new Error('A read past the end.');
      target.fill(0);
      if (position < header.length) header.copy(target, 0, position);
      return target.length;
    },
  });
}

const { dataStart: HEADER_BYTES } = checkWatched({ header: TINY_MODEL, sizeBytes: TINY_MODEL.length });

verifies(['ORCH-1630', 'ORCH-1631'], 'a sound file passes, and its facts are told', async () => {
  const { facts } = await checkModelFile(tinyModelPath, options());
  expect(facts).toEqual({
    architecture: 'llama',
    name: 'Haiku Tiny',
    quantization: 'F16',
    parameterCount: 1_193_088,
    contextTokens: 512,
    layerCount: 4,
    embeddingLength: 128,
    hasChatTemplate: true,
    weightsBytes: TINY_MODEL.length - HEADER_BYTES,
    // 4 layers, a key and a value of 128 numbers of 2 bytes
    contextBytesPerToken: 4 * 2 * 128 * 2,
  });
  expect(facts && estimateDeviceMemory(facts, 100)).toMatchObject({ contextTokens: 100, contextBytes: 204_800 });
});

verifies('ORCH-1630', 'a mutated header is refused or accepted, without a read past the end', () => {
  const faults = new Map<string, number>();
  for (let seed = 0; seed < MUTANTS; seed += 1) {
    try {
      checkWatched(mutate(TINY_MODEL, HEADER_BYTES, seed));
    } catch (error) {
      if (!(error instanceof HeaderFault)) throw new Error(`Mutant ${seed}`, { cause: error });
      const kind = error.message.replaceAll(/[\d]+/g, 'N').slice(0, 24);
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
    }
  }
  // Mutants that are all refused for one reason would prove nothing.
  expect(faults.size).toBeGreaterThan(10);
  expect(Array.from(faults.values()).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(MUTANTS / 3);
});

verifies('ORCH-1630', 'the process that looks at mutated files survives each of them', async () => {
  await using scratch = await makeScratch();
  const count = Math.max(PER_PROCESS, MUTANTS / 5);
  for (let from = 0; from < count; from += PER_PROCESS) {
    const seeds = Array.from({ length: PER_PROCESS }, (_, index) => 1_000_000 + from + index);
    const paths = await Promise.all(
      seeds.map((seed, index) => scratch.write(`${index}.gguf`, mutate(TINY_MODEL, HEADER_BYTES, seed))),
    );
    const answers = await checkModelFiles(paths, options());
    expect(answers).toHaveLength(PER_PROCESS);
    expect(answers.filter(({ fault }) => fault?.startsWith('The check of the header'))).toEqual([]);
  }
});

verifies('ORCH-1630', 'counts, lengths and places that lie are refused in so many words', () => {
  const good = soundModel(4_096);
  const changed = (change: (file: Buffer) => void): (() => HeaderShape) => {
    const header = Buffer.from(good);
    change(header);
    return () => checkWatched({ header, sizeBytes: header.length });
  };
  expect(changed(() => undefined)).not.toThrow();
  const tensor = good.indexOf('token_embd.weight') + 'token_embd.weight'.length;
  const cases: readonly (readonly [(file: Buffer) => void, RegExp])[] = [
    [(file) => file.write('GGML', 0), /begin with GGUF/],
    [(file) => file.writeUInt32LE(1, 4), /Version 1/],
    [(file) => file.writeUInt32BE(3, 4), /Version 50331648/],
    [(file) => file.writeBigUInt64LE(0n, 8), /no tensors/],
    [(file) => file.writeBigUInt64LE(2n ** 64n - 1n, 8), /number of tensors is 18446744073709551615/],
    [(file) => file.writeBigUInt64LE(10_000_000n, 16), /10000000 entries/],
    [(file) => file.writeBigUInt64LE(2n ** 62n, 24), /length of A key/],
    [(file) => file.writeUInt32LE(77, tensor), /77 dimensions/],
    [(file) => file.writeBigUInt64LE(2n ** 32n, tensor + 4), /past the end/],
    [(file) => file.writeUInt32LE(4, tensor + 12), /unknown type 4/],
    [(file) => file.writeBigUInt64LE(32n, tensor + 16), /is at 32, not at 0/],
  ];
  for (const [change, message] of cases) expect(changed(change)).toThrow(message);
  expect(() => checkWatched({ header: good, sizeBytes: good.length - 1 })).toThrow(/past the end/);
});

verifies('ORCH-1630', 'values that end the process of an engine are refused', () => {
  const changed = (from: string, to: string): (() => HeaderShape) => {
    const header = Buffer.from(TINY_MODEL.subarray(0, HEADER_BYTES));
    header.write(to, header.indexOf(from), 'latin1');
    return () => checkWatched({ header, sizeBytes: TINY_MODEL.length });
  };
  expect(changed('Tiny decoder', 'Tiny Decoder')).not.toThrow();
  const cases = [
    ['llama.attention.head_count', 'llama.attention.head_counX', /head_count, which/],
    ['llama.feed_forward_length', 'llama.feed_forward_lengtX', /feed_forward_length, which/],
    ['llama.block_count', 'llama.block_counX', /block_count/],
    ['wasps', 'walls', /token is there twice/],
    ['wasps', 'wasp\0', /token is there twice/],
    ['general.architecture', 'general.architecturX', /no architecture/],
  ] as const;
  for (const [from, to, message] of cases) expect(changed(from, to), to).toThrow(message);
});

verifies('ORCH-1630', 'a check that takes too long or too much memory is ended, and the file is refused', async () => {
  const never = { ...machineClock, setTimer: (_delayMs: number, fire: () => void) => machineClock.setTimer(0, fire) };
  const late = await checkModelFile(tinyModelPath, { ...options(), clock: never });
  expect(late.fault).toMatch(/took too long/);
  if (process.platform === 'linux') {
    const { fault } = await checkModelFile(tinyModelPath, options({ memoryBytes: 4 * 2 ** 20 }));
    expect(fault).toMatch(/ended early/);
  }
  const canceled = new AbortController();
  canceled.abort(new Error('canceled'));
  await expect(checkModelFile(tinyModelPath, options({}, canceled.signal))).rejects.toThrow('canceled');
});
