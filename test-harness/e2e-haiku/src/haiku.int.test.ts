// SPDX-License-Identifier: MIT
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createClient,
  type OrchClient,
  type Receipt,
  type TaskFrame,
  type TaskRequest,
  type TokenFrame,
} from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { tinyModelDigest } from '@llama-orch/tiny-model';
import { afterAll, beforeAll, expect } from 'vitest';
import { haikuTask } from './haiku-task.ts';
import { requireRealEngine } from './require-real-engine.ts';
import { ServiceProcess } from './service-process.ts';

let service: ServiceProcess;
let client: OrchClient;

beforeAll(async () => {
  service = await ServiceProcess.start();
  client = createClient({ baseUrl: service.url });
});
afterAll(() => service.stop());

interface Answer {
  readonly text: string;
  readonly tokens: readonly TokenFrame[];
  readonly tokensOut: number;
  readonly finishReason: string;
  readonly receipt: Receipt;
}

async function ask(of: OrchClient, request: TaskRequest): Promise<Answer> {
  const tokens: TokenFrame[] = [];
  for await (const frame of of.run(request)) {
    if (frame.event === 'token') tokens.push(frame.data);
    if (frame.event !== 'end' || frame.data.receipt === undefined) continue;
    const { tokens_out: tokensOut, finish_reason: finishReason, receipt } = frame.data;
    return { text: tokens.map(({ t }) => t).join(''), tokens, tokensOut, finishReason, receipt };
  }
  throw new Error('The stream ended without a receipt.');
}

const hasWord = (text: string, word: string): boolean =>
  new RegExp(`(?<![A-Za-z0-9-])${word}(?![A-Za-z0-9-])`, 'i').test(text);

verifies('ORCH-8200', 'a haiku from the running service holds the words of this moment', async () => {
  const { request, words } = haikuTask();
  const answer = await ask(client, request);
  requireRealEngine(answer.receipt);
  expect(hasWord(answer.text, words.minute), answer.text).toBe(true);
  expect(hasWord(answer.text, words.nonce), answer.text).toBe(true);
  expect(answer.text.trim().split('\n')).toHaveLength(3);
  expect(answer.finishReason).toBe('stop');
  expect(answer.tokens.map(({ i }) => i)).toEqual(answer.tokens.map((_, index) => index));
  expect(answer.tokensOut).toBe(answer.tokens.length);
});

verifies('ORCH-8203', 'the receipt names engine, model and both digests', async () => {
  const { request } = haikuTask();
  const { text, tokensOut, receipt } = await ask(client, request);
  expect(receipt).toMatchObject({
    engine: 'node-llama-cpp',
    model_digest: tinyModelDigest,
    tokens_out: tokensOut,
    output_sha256: createHash('sha256').update(text).digest('hex'),
    slot_mode: 'isolated',
    prefix_reuse: false,
  });
  expect(receipt.engine_version).toMatch(/llama\.cpp/);
});

verifies('ORCH-8202', 'a service on the mock is caught by its receipt', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'e2e-mock-'));
  try {
    const file = join(folder, 'config.yaml');
    await writeFile(file, 'pools: [{ id: haiku, adapter: mock }]\n');
    await using mock = await ServiceProcess.start(['--config', file]);
    const mockClient = createClient({ baseUrl: mock.url });
    const { receipt } = await ask(mockClient, haikuTask().request);
    expect(() => requireRealEngine(receipt, { REQUIRE_REAL_LLAMA: '1' })).toThrow('mock');
  } finally {
    await rm(folder, { recursive: true });
  }
});

verifies(
  'ORCH-8204',
  'each of 100 cancels in mid-generation frees the slot and silences the stream by its 204',
  async () => {
    for (let canceled = 0; canceled < 100;) {
      const taskId = randomUUID();
      const cancelAfter = randomInt(1, 60);
      const frames: Exclude<TaskFrame, { event: 'metrics' }>[] = [];
      let state: string | undefined;
      for await (const frame of client.run({ task_id: taskId, ...endless() })) {
        if (frame.event === 'metrics') continue;
        frames.push(frame);
        if (frame.seq !== cancelAfter) continue;
        await client.cancel(taskId);
        expect((await client.pools()).map(({ slots_busy: busy }) => busy)).toEqual([0]);
        state = (await client.get(taskId)).state;
      }
      const end = frames.at(-1);
      // On a busy machine it may have come to its last token before the cancel came; that is no cancel.
      if (state === 'completed') continue;
      canceled += 1;
      expect(state).toBe('canceled');
      expect(end).toMatchObject({ event: 'end', data: { finish_reason: 'canceled' } });
      expect(frames.slice(0, -1).map(({ seq }) => seq)).toEqual(frames.slice(0, -1).map((_, index) => index));
      // A reader that comes after the 204 gets no token at all.
      const readLater: TaskFrame[] = [];
      for await (const frame of client.stream(taskId)) if (frame.event !== 'metrics') readLater.push(frame);
      expect(readLater).toEqual([frames[0], end]);
    }
    const { request, words } = haikuTask();
    expect(hasWord((await ask(client, request)).text, words.minute)).toBe(true);
  },
);

function endless(): TaskRequest {
  return {
    prompt: 'haiku about rivers:\n',
    temperature: 1,
    max_tokens: 480,
    response_format: { type: 'grammar', grammar: 'root ::= [a-z ] root' },
  };
}
