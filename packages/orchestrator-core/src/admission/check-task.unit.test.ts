// SPDX-License-Identifier: MIT
import { OrchError, type ChatMessage } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import type { PoolId } from '../task/ids.ts';
import type { TaskRequest } from '../task/task.ts';
import { buildRequest, TEST_SAMPLING } from '../testkit/index.ts';
import { canonicalJson } from './canonical-json.ts';
import { checkTask, seedFrom, type ResolvedTask } from './check-task.ts';
import type { PoolFacts } from './pool-facts.ts';

const HAIKU: PoolFacts = {
  id: 'haiku' as PoolId,
  modelRefs: ['file:models/haiku-tiny.gguf'],
  maxTokensOut: 32,
  state: 'ready',
  props: TEST_PROPS,
  retryAfterMs: 700,
};
const LARGE: PoolFacts = {
  ...HAIKU,
  id: 'large' as PoolId,
  modelRefs: ['large'],
  maxTokensOut: 512,
  props: { ...TEST_PROPS, engine: 'other', modelId: 'org/large', ctxMaxTokens: 4_096, workloads: ['completion'] },
};
const WEAK: PoolFacts = {
  ...HAIKU,
  id: 'weak' as PoolId,
  props: {
    ...TEST_PROPS,
    features: { determinism: 'best_effort', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
  },
};

function check(fields: Partial<TaskRequest>, pools: readonly PoolFacts[] = [HAIKU, LARGE]): ResolvedTask | OrchError {
  const { seed: _seed, ...sampling } = TEST_SAMPLING;
  const samplerProfiles = [
    { version: 'default-1', sampling },
    { version: 'hot-2', digest: 'sha256:02', sampling: { ...sampling, temperature: 2 } },
  ];
  return checkTask(buildRequest(fields), { pools, samplerProfiles, drawSeed: () => 77 });
}

function accepted(fields: Partial<TaskRequest>, pools?: readonly PoolFacts[]): ResolvedTask {
  const answer = check(fields, pools);
  if (OrchError.is(answer)) throw answer;
  return answer;
}

/** `CODE field limit` of a refusal. */
function refused(fields: Partial<TaskRequest>, pools?: readonly PoolFacts[]): string {
  const answer = check(fields, pools);
  if (!OrchError.is(answer)) return 'accepted';
  const { field = '', limit = '' } = answer.details as Readonly<Record<string, string | number>>;
  return `${answer.code} ${field} ${limit}`.trim();
}

verifies('ORCH-3431', 'equal requests have equal canonical texts whatever the order of their keys', () => {
  expect(canonicalJson({ b: [1, { y: undefined, x: 'é"' }], a: null })).toBe('{"a":null,"b":[1,{"x":"é\\""}]}');
  expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
});

verifies('ORCH-3432', 'the smallest request becomes a complete task', () => {
  expect(accepted({})).toEqual({
    poolId: 'haiku',
    priority: 'interactive',
    input: buildRequest().input,
    maxTokens: 32,
    determinism: 'strict',
    samplerProfileVersion: 'default-1',
    sampling: { ...TEST_SAMPLING, seed: 77 },
    kvHint: 'reuse',
    outputMode: 'text',
    metadata: {},
  });
  const full = accepted({ seed: 0, samplerProfileVersion: 'hot-2', sampling: { topK: 3 }, priority: 'batch' });
  expect(full).toMatchObject({ priority: 'batch', samplerProfileVersion: 'hot-2' });
  expect(full.sampling).toEqual({ ...TEST_SAMPLING, seed: 0, temperature: 2, topK: 3 });
  expect([seedFrom(5), seedFrom(2 ** 32 - 2), seedFrom(2 ** 32 - 1)]).toEqual([5, 2 ** 32 - 2, 0]);
});

verifies('ORCH-3433', 'the first pool that matches every demand is taken', () => {
  expect(accepted({ maxTokens: 33 }).poolId).toBe('large');
  for (const modelRef of ['file:models/haiku-tiny.gguf', 'models/haiku-tiny.gguf', 'haiku-tiny.gguf', 'test-model']) {
    expect(accepted({ modelRef }).poolId).toBe('haiku');
  }
  expect(accepted({ modelRef: 'org/large' }).poolId).toBe('large');
  expect(accepted({ engine: 'other' }).poolId).toBe('large');
  expect(accepted({ poolId: 'large' as PoolId }).poolId).toBe('large');
});

verifies('ORCH-3433', 'what no pool offers is unavailable, and a pin is never widened', () => {
  expect(refused({ poolId: 'nowhere' as PoolId })).toBe('POOL_UNAVAILABLE $.pool_id');
  expect(refused({ modelRef: 'unknown' })).toBe('POOL_UNAVAILABLE $.model_ref');
  expect(refused({ engine: 'unknown' })).toBe('POOL_UNAVAILABLE $.engine');
  expect(refused({ poolId: 'haiku' as PoolId, engine: 'other' })).toBe('POOL_UNAVAILABLE $.engine');
  const embedding = { workload: 'embedding', inputs: ['x'] } as const;
  expect(refused({ poolId: 'large' as PoolId, input: embedding })).toBe('POOL_UNAVAILABLE $.workload');
  expect(accepted({ input: embedding }).poolId).toBe('haiku');
});

verifies('ORCH-3434', 'a pool that loads takes tasks, a failed one is unready, and the unknown is not denied', () => {
  const loading: PoolFacts = { ...HAIKU, state: 'loading', props: undefined };
  const failed: PoolFacts = { ...HAIKU, state: 'failed' };
  expect(accepted({}, [loading]).poolId).toBe('haiku');
  expect(accepted({ modelRef: 'haiku-tiny.gguf' }, [loading]).poolId).toBe('haiku');
  expect(refused({ modelRef: 'org/large' }, [loading])).toBe('POOL_UNREADY');
  expect(refused({ engine: 'manual' }, [loading])).toBe('POOL_UNREADY');
  expect(refused({}, [failed])).toBe('POOL_UNREADY');
  expect(accepted({}, [failed, LARGE]).poolId).toBe('large');
  const answer = check({}, [failed]);
  expect(OrchError.is(answer) && answer.retryAfterMs).toBe(700);
});

verifies('ORCH-3435', 'a limit that is passed is named with its field', () => {
  const haiku = [HAIKU];
  expect(accepted({ maxTokens: 32, ctxTokens: 128 }, haiku)).toMatchObject({ maxTokens: 32, ctxTokens: 128 });
  expect(refused({ maxTokens: 33 }, haiku)).toBe('INVALID_PARAMS $.max_tokens 32');
  expect(refused({ ctxTokens: 129 }, haiku)).toBe('INVALID_PARAMS $.ctx 128');
  expect(refused({ samplerProfileVersion: 'none' })).toBe('INVALID_PARAMS $.sampler_profile_version');
  const schema = { type: 'json_schema', schema: {} } as const;
  const grammar = { type: 'grammar', grammar: 'root ::= "x"' } as const;
  expect(accepted({ responseFormat: schema }).responseFormat).toEqual(schema);
  expect(refused({ responseFormat: schema }, [WEAK])).toBe('INVALID_PARAMS $.response_format');
  expect(refused({ responseFormat: grammar }, [WEAK])).toBe('INVALID_PARAMS $.response_format');
  const embedding = { workload: 'embedding', inputs: ['x'] } as const;
  expect(refused({ responseFormat: schema, input: embedding })).toBe('INVALID_PARAMS $.response_format');
  const tools = [{ name: 'search', parameters: {} }];
  const chat = { workload: 'chat', messages: [{ role: 'user', content: 'hi' }], tools } as const;
  expect(refused({ input: chat }, [WEAK])).toBe('INVALID_PARAMS $.tools');
  expect(accepted({ input: { ...chat, tools: [] } }, [WEAK]).poolId).toBe('weak');
});

verifies('ORCH-3485', 'a chat that went through tools needs an engine that knows them', () => {
  const asked = { role: 'user', content: 'hi' } as const;
  const called = { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'f', arguments: '{}' }] } as const;
  const answered = { role: 'tool', content: '42', toolCallId: '1' } as const;
  const chat = (...messages: readonly ChatMessage[]) => ({ input: { workload: 'chat', messages, tools: [] } }) as const;
  expect(refused(chat(asked, called, answered), [WEAK])).toBe('INVALID_PARAMS $.messages[1]');
  expect(refused(chat(asked, answered), [WEAK])).toBe('INVALID_PARAMS $.messages[1]');
  expect(accepted(chat(asked, called, answered), [HAIKU]).poolId).toBe('haiku');
});

verifies(
  'ORCH-1320',
  'a task names the digest of its profile, and a profile that is not there is told with those that are',
  () => {
    expect(accepted({ samplerProfileVersion: 'hot-2' }).samplerProfileDigest).toBe('sha256:02');
    const answer = check({ samplerProfileVersion: 'cold-1' });
    expect(OrchError.is(answer) && answer.details).toEqual({
      field: '$.sampler_profile_version',
      known: ['default-1', 'hot-2'],
    });
    expect(OrchError.is(answer) && answer.message).toBe(
      'There is no such sampler profile; there are: default-1, hot-2.',
    );
  },
);

verifies(['ORCH-3443', 'ORCH-3444'], 'strict is kept or refused, and without a wish the strongest is taken', () => {
  expect(accepted({}).determinism).toBe('strict');
  expect(accepted({}, [WEAK]).determinism).toBe('best_effort');
  expect(accepted({ determinism: 'best_effort' }).determinism).toBe('best_effort');
  expect(refused({ determinism: 'strict' }, [WEAK])).toBe('INVALID_PARAMS $.determinism');
  expect(accepted({ determinism: 'strict' }, [WEAK, LARGE]).poolId).toBe('large');
});
