// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { OrchError, type WorkerProps, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { refuseDenied } from './refuse-denied.ts';
import { requestOf } from './testkit/request-of.ts';

const PROPS: WorkerProps = {
  engine: 'e',
  engineVersion: '1',
  modelId: 'm',
  modelDigest: undefined,
  slots: 1,
  ctxMaxTokens: 64,
  workloads: ['completion', 'chat', 'embedding', 'rerank'],
  slotMode: 'external',
  features: { determinism: 'strict', jsonSchema: true, grammar: true, tools: true, sessionReuse: true },
};
const NONE = {
  determinism: 'best_effort',
  jsonSchema: false,
  grammar: false,
  tools: false,
  sessionReuse: false,
} as const;
const HALF = '\ud83c';

function fieldOf(parts: Partial<WorkerRequest>, props: Partial<WorkerProps> = {}): unknown {
  try {
    refuseDenied(requestOf('a', parts), { ...PROPS, ...props });
    return undefined;
  } catch (error) {
    return OrchError.is(error) && error.code === 'INVALID_PARAMS' ? error.details['field'] : error;
  }
}

verifies('ORCH-4077', 'what the props deny is refused with its field, and what they grant is not', () => {
  const tools = [{ name: 'f', parameters: {} }];
  for (const [parts, field] of [
    [{ input: { workload: 'chat', messages: [], tools } }, '$.tools'],
    [{ determinism: 'strict' }, '$.determinism'],
    [{ responseFormat: { type: 'json_schema', schema: {} } }, '$.response_format'],
    [{ responseFormat: { type: 'grammar', grammar: 'a' } }, '$.response_format'],
  ] as const) {
    expect([fieldOf(parts), fieldOf(parts, { features: NONE })]).toEqual([undefined, field]);
  }
  expect(fieldOf({ input: { workload: 'embedding', inputs: [] } }, { workloads: ['completion'] })).toBe('$.workload');
});

verifies('ORCH-4077', 'half a character is refused wherever it stands', () => {
  for (const [input, field] of [
    [{ workload: 'completion', prompt: HALF }, '$.prompt'],
    [{ workload: 'chat', messages: [{ role: 'user', content: HALF }], tools: [] }, '$.messages[0].content'],
    [{ workload: 'embedding', inputs: ['a', HALF] }, '$.inputs[1]'],
    [{ workload: 'rerank', query: HALF, documents: [] }, '$.prompt'],
    [{ workload: 'rerank', query: 'a', documents: [HALF] }, '$.inputs[0]'],
  ] as const) {
    expect(fieldOf({ input })).toBe(field);
  }
});
