// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { createRandomGguf, tinyModelDigest, tinyModelPath } from '@llama-orch/tiny-model';
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import { afterAll, beforeAll, expect } from 'vitest';
import { never, request, runToEnd, settledHealth, startAdapter } from './__fixtures__/ready-adapter.ts';
import { createNodeLlamaCppAdapter } from './node-llama-cpp-adapter.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'loading-'))));
afterAll(() => rm(folder, { recursive: true }));

async function propsOf(modelPath: string): Promise<WorkerProps> {
  await using adapter = await startAdapter({ modelPath });
  const health = await adapter.probe(never);
  if (health.state !== 'ready') throw new Error(`The adapter is ${health.state}.`);
  return health.props;
}

verifies('ORCH-4200', 'a new adapter loads, refuses runs, and becomes ready', async () => {
  const adapter = createNodeLlamaCppAdapter({ modelPath: tinyModelPath });
  expect(await adapter.probe(never)).toEqual({ state: 'loading' });
  await expect(adapter.run(request(), { onTokens: () => undefined }, never)).rejects.toMatchObject({
    code: 'POOL_UNREADY',
  });
  await expect(adapter.metrics(never)).rejects.toMatchObject({ code: 'POOL_UNREADY' });
  expect(await settledHealth(adapter)).toMatchObject({ state: 'ready' });
  await adapter.close();
});

verifies('ORCH-4201', 'every unusable file is told apart', async () => {
  const model = await readFile(tinyModelPath);
  const files = [
    { name: 'garbage.gguf', content: 'hello world, this is not a model', reason: 'not_gguf' },
    { name: 'empty.gguf', content: '', reason: 'not_gguf' },
    { name: 'half.gguf', content: model.subarray(0, model.length / 2), reason: 'corrupt' },
    { name: 'header.gguf', content: model.subarray(0, 5_000), reason: 'corrupt' },
  ];
  for (const { name, content } of files) await writeFile(join(folder, name), content);
  const cases = [...files, { name: 'absent.gguf', reason: 'missing' }, { name: '.', reason: 'unreadable' }];
  for (const { name, reason } of cases) {
    await using adapter = await startAdapter({ modelPath: join(folder, name) });
    expect(await adapter.probe(never), name).toMatchObject({
      state: 'failed',
      error: { code: 'INVALID_PARAMS', details: { field: 'model', reason } },
    });
    await expect(runToEnd(adapter)).rejects.toMatchObject({ code: 'WORKER_RESET' });
  }
});

verifies('ORCH-4202', 'the version names binding, llama.cpp and backend', async () => {
  const { engine, engineVersion, ctxMaxTokens, modelId } = await propsOf(tinyModelPath);
  expect({ engine, ctxMaxTokens, modelId }).toEqual({
    engine: 'node-llama-cpp',
    ctxMaxTokens: 512,
    modelId: 'haiku-tiny',
  });
  expect(engineVersion).toMatch(/^\d+\.\d+\.\d+\+llama\.cpp-\S+\+(cpu-[a-z0-9]+-[0-9a-f]{8}|cuda|vulkan|metal)$/);
});

verifies('ORCH-4230', 'the digest of the props is that of the file', async () => {
  expect((await propsOf(tinyModelPath)).modelDigest).toBe(tinyModelDigest);
});

verifies('ORCH-4231', 'a digest is taken again only when the file is another', async () => {
  const modelPath = join(folder, 'changing.gguf');
  const [first, second] = [createRandomGguf({ seed: 1, name: 'same' }), createRandomGguf({ seed: 2, name: 'same' })];
  const at = new Date(1_700_000_000_000);
  const digest = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const writeAt = async (bytes: Uint8Array, time: Date): Promise<void> => {
    await writeFile(modelPath, bytes);
    await utimes(modelPath, time, time);
  };
  await writeAt(first, at);
  expect((await propsOf(modelPath)).modelDigest).toBe(digest(first));
  // Other bytes behind the same size, time and inode: the known digest shows that the file was not read again.
  await writeAt(second, at);
  expect((await propsOf(modelPath)).modelDigest).toBe(digest(first));
  await writeAt(second, new Date(at.getTime() + 1_000));
  expect((await propsOf(modelPath)).modelDigest).toBe(digest(second));
});

verifies('ORCH-4232', 'a file without the expected digest is not served', async () => {
  await using wrong = await startAdapter({ expectedDigest: `sha256:${'0'.repeat(64)}` });
  expect(await wrong.probe(never)).toMatchObject({
    state: 'failed',
    error: { code: 'UNTRUSTED_ARTIFACT', details: { actual: tinyModelDigest } },
  });
  await using right = await startAdapter({ expectedDigest: tinyModelDigest });
  expect(await right.probe(never)).toMatchObject({ state: 'ready' });
});

verifies('ORCH-4240', 'an adapter closes while it loads, and twice', async () => {
  const adapter = createNodeLlamaCppAdapter({ modelPath: tinyModelPath });
  await Promise.all([adapter.close(), adapter.close()]);
  expect(await adapter.probe(never)).toMatchObject({ state: 'failed' });
  await expect(runToEnd(adapter)).rejects.toMatchObject({ code: 'WORKER_RESET' });
});
