// SPDX-License-Identifier: MIT
import type { OrchClient, Receipt } from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { tinyModelDigest } from '@llama-orch/tiny-model';
import { expect } from 'vitest';
import { startHaikuService } from './haiku-service.ts';
import { firstToken, recordStream, recordTask, replay, type RecordedTask } from './recorded-task.ts';

const SEEDS = Array.from({ length: 64 }, (_, index) => index + 1);
const WORK = {
  messages: [{ role: 'user' as const, content: 'please write a haiku that includes the word "forty-two"' }],
};

/** A form without an end: such a task runs until the model's context is full. */
const NEVER_ENDING = {
  max_tokens: 480,
  response_format: { type: 'grammar' as const, grammar: 'root ::= [a-z -]+ "\\n" root' },
};

/** What two runs of one request must share; the replica, its reason and timings may differ. */
function reproducible({ tokens, finishReason, receipt }: RecordedTask): unknown {
  const { seed, sampling, engine_version, model_digest, prompt_sha256, output_sha256, tokens_in, tokens_out } = receipt;
  return {
    tokens,
    finishReason,
    receipt: { seed, sampling, engine_version, model_digest, prompt_sha256, output_sha256, tokens_in, tokens_out },
  };
}

function recordTwice(client: OrchClient, seed: number): Promise<readonly [RecordedTask, RecordedTask]> {
  const request = { ...WORK, temperature: 0.9, seed, determinism: 'strict' as const };
  return Promise.all([recordTask(client, request), recordTask(client, request)]);
}

verifies(
  ['ORCH-7010', 'ORCH-7001'],
  'two replicas behind the service give the same frames for 64 seeds, and seeds differ',
  async () => {
    await using service = await startHaikuService(2);
    const texts = new Set<string>();
    let pairsOnTwoReplicas = 0;
    for (const seed of SEEDS) {
      const [first, second] = await recordTwice(service.client, seed);
      expect(reproducible(second)).toEqual(reproducible(first));
      expect(first.tokens.map(({ i }) => i)).toEqual(first.tokens.map((_, index) => index));
      expect(first.receipt).toMatchObject({ seed, model_digest: tinyModelDigest, determinism: 'strict', attempt: 1 });
      texts.add(first.tokens.map(({ t }) => t).join(''));
      if (first.receipt.replica_id !== second.receipt.replica_id) pairsOnTwoReplicas += 1;
    }
    expect(texts.size).toBeGreaterThanOrEqual(48);
    // Both tasks of a pair are in the queue at once and each replica has one slot.
    expect(pairsOnTwoReplicas).toBeGreaterThan(0);
  },
);

verifies('ORCH-7011', 'a receipt reproduces its task, also on a service started anew', async () => {
  let original: RecordedTask;
  {
    await using service = await startHaikuService(1);
    // Without a seed the server draws one, and the receipt tells it.
    original = await recordTask(service.client, { ...WORK, temperature: 1.1, max_tokens: 9, stop: ['\n\n'] });
    const again = await recordTask(service.client, replay(original.receipt, WORK));
    expect(reproducible(again)).toEqual(reproducible(original));
  }
  await using service = await startHaikuService(1);
  const afterRestart = await recordTask(service.client, replay(original.receipt, WORK));
  expect(reproducible(afterRestart)).toEqual(reproducible(original));
  const other: Receipt = {
    ...original.receipt,
    sampling: { ...original.receipt.sampling, seed: original.receipt.seed + 1 },
  };
  const different = await recordTask(service.client, replay(other, WORK));
  expect(different.receipt.seed).not.toBe(original.receipt.seed);
});

verifies('ORCH-7012', 'what a session left in an engine changes no strict turn', async () => {
  await using service = await startHaikuService(1);
  const { client } = service;
  const request = { ...WORK, temperature: 0.9, seed: 11, determinism: 'strict' as const };
  const alone = await recordTask(client, request);
  const turn = { session_id: 'talk', kv_hint: 'reuse' as const };
  const loose = { ...WORK, ...turn, determinism: 'best_effort' as const, seed: 3 };
  expect((await recordTask(client, loose)).receipt.prefix_reuse).toBe(false);
  expect(await client.session('talk')).toMatchObject({ kv_warmth: true });
  expect((await recordTask(client, loose)).receipt.prefix_reuse, 'the memory is there, and used').toBe(true);
  const strict = await recordTask(client, { ...request, ...turn });
  expect(strict.receipt.prefix_reuse).toBe(false);
  expect(reproducible(strict)).toEqual(reproducible(alone));
  expect(reproducible(await recordTask(client, { ...request, ...turn }))).toEqual(reproducible(alone));
});

verifies(
  ['ORCH-7013', 'ORCH-1233'],
  'a task that a restart interrupts has the frames of one that ran through',
  async () => {
    const request = { ...WORK, ...NEVER_ENDING, temperature: 0.9, seed: 21, determinism: 'strict' as const };
    const service = await startHaikuService(1);
    const undisturbed = await recordTask(service.client, request);
    expect(undisturbed.finishReason).toBe('length');
    const { task_id: taskId } = await service.client.submit(request);
    const others = await Promise.all(SEEDS.slice(0, 3).map((seed) => service.client.submit({ ...request, seed })));
    await firstToken(service.client, taskId);
    // Hundreds of tokens are left to it, and the one slot is its own.
    await using next = await service.restart();
    const replayed = await recordStream(next.client, taskId);
    expect(replayed.receipt.attempt).toBe(2);
    expect(reproducible(replayed)).toEqual(reproducible(undisturbed));
    for (const [index, { task_id: otherId }] of others.entries()) {
      const after = await recordStream(next.client, otherId);
      const again = await recordTask(next.client, { ...request, seed: SEEDS[index] });
      expect(reproducible(after)).toEqual(reproducible(again));
    }
  },
);
