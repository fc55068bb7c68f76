// SPDX-License-Identifier: MIT
import { OrchError, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter } from '../__fixtures__/manual-adapter.ts';
import { Rig } from '../__fixtures__/rig.ts';
import type { TaskRequest } from '../task/task.ts';
import { buildRequest } from '../testkit/index.ts';

const CALLER = { identity: 'anonymous', correlationId: 'test' };
/** That of the test engine. */
const CTX_TOKENS = 128;

/** An engine that takes every word for a token. */
class CountingAdapter extends ManualAdapter {
  readonly counted: WorkerRequest[] = [];
  readonly signals: AbortSignal[] = [];
  answer: 'count' | 'fault' | 'nothing' = 'count';

  countPromptTokens(request: WorkerRequest, signal: AbortSignal): Promise<number> {
    this.counted.push(request);
    this.signals.push(signal);
    if (this.answer === 'fault') return Promise.reject(new OrchError('WORKER_RESET'));
    if (this.answer === 'count') return Promise.resolve(textOf(request).split(' ').length);
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
  }
}

function textOf({ input }: WorkerRequest): string {
  if (input.workload === 'completion') return input.prompt;
  return input.workload === 'chat' ? input.messages.map(({ content }) => content).join(' ') : '';
}

async function startRig(): Promise<{ rig: Rig; adapter: CountingAdapter }> {
  const adapter = new CountingAdapter();
  return { rig: await new Rig({ adapters: [adapter] }).start(), adapter };
}

function asking(wordCount: number, maxTokens?: number): Partial<TaskRequest> {
  const prompt = Array.from({ length: wordCount }, () => 'word').join(' ');
  return { input: { workload: 'completion', prompt }, ...(maxTokens === undefined ? {} : { maxTokens }) };
}

async function refusalOf(rig: Rig, fields: Partial<TaskRequest>): Promise<OrchError | undefined> {
  const submission = await rig.submit(fields);
  return submission.outcome === 'rejected' ? submission.error : undefined;
}

verifies('ORCH-1508', 'a prompt that leaves no room for the wanted tokens is refused with both numbers', async () => {
  const { rig, adapter } = await startRig();
  expect(await refusalOf(rig, asking(100, 28))).toBeUndefined();
  const refusal = await refusalOf(rig, asking(100, 29));
  expect(refusal).toMatchObject({
    code: 'INVALID_PARAMS',
    phase: 'admission',
    details: { field: '$.max_tokens', prompt_tokens: 100, max_tokens: 29, limit: CTX_TOKENS },
  });
  expect(refusal?.message).toContain('leaves 28 of 128');
  expect(adapter.counted).toHaveLength(2);
  expect((await rig.orchestrator.list({ limit: 9 })).tasks).toHaveLength(1);
  await rig.stop();
});

verifies('ORCH-1508', 'without a wish the prompt need leave room for one token only', async () => {
  const { rig } = await startRig();
  expect(await refusalOf(rig, asking(127))).toBeUndefined();
  expect(await refusalOf(rig, asking(128))).toMatchObject({ details: { field: '$.prompt', prompt_tokens: 128 } });
  const messages = [{ role: 'user' as const, content: Array.from({ length: 200 }, () => 'w').join(' ') }];
  const chat = { input: { workload: 'chat' as const, messages, tools: [] } };
  expect(await refusalOf(rig, chat)).toMatchObject({ details: { field: '$.messages', prompt_tokens: 200 } });
  await rig.stop();
});

verifies('ORCH-1508', 'a prompt whose length says that it fits is not counted', async () => {
  const { rig, adapter } = await startRig();
  await rig.accept({ ...asking(4), maxTokens: 5 });
  await rig.accept({ ...asking(19), maxTokens: 5 });
  expect(adapter.counted).toEqual([]);
  await rig.stop();
});

verifies('ORCH-1508', 'an engine that does not count keeps nobody out', async () => {
  const { rig, adapter } = await startRig();
  adapter.answer = 'fault';
  expect(await refusalOf(rig, asking(300))).toBeUndefined();
  adapter.answer = 'nothing';
  const submission = rig.submit(asking(300));
  await rig.clock.advance(2_000);
  expect((await submission).outcome).toBe('accepted');
  expect(adapter.signals.at(-1)?.aborted).toBe(true);
  await rig.stop();
});

verifies(['ORCH-1508', 'ORCH-1280'], 'a plan tells the refusal that a submit gets', async () => {
  const { rig } = await startRig();
  const plan = await rig.orchestrator.plan(buildRequest(asking(100, 29)), CALLER);
  expect(plan.admitted).toBe(false);
  expect(plan.refusal?.error).toMatchObject({ code: 'INVALID_PARAMS', details: { prompt_tokens: 100 } });
  await rig.stop();
});
