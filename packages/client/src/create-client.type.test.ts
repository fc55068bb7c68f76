// SPDX-License-Identifier: MIT
import { expectTypeOf } from 'vitest';
import type { operations } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import type { OrchClient } from './create-client.ts';
import type { TaskFrame } from './stream/task-frame.ts';

type Answer<Operation extends keyof operations, Status extends PropertyKey = 200> =
  operations[Operation]['responses'] extends Readonly<
    Record<Status, { readonly content: { readonly 'application/json': infer Body } }>
  >
    ? Body
    : never;
type Resolved<Method extends keyof OrchClient> = OrchClient[Method] extends (...args: never) => Promise<infer Value>
  ? Value
  : never;

verifies('ORCH-2551', 'requests and answers have the types of the contract', () => {
  expectTypeOf<Parameters<OrchClient['submit']>[0]>().toEqualTypeOf<
    operations['submitTask']['requestBody']['content']['application/json']
  >();
  expectTypeOf<Resolved<'submit'>>().toEqualTypeOf<Answer<'submitTask', 202>>();
  expectTypeOf<Resolved<'get'>>().toEqualTypeOf<Answer<'getTask'>>();
  expectTypeOf<Resolved<'list'>>().toEqualTypeOf<Answer<'listTasks'>>();
  expectTypeOf<Resolved<'sessions'>>().toEqualTypeOf<Answer<'listSessions'>['sessions']>();
  expectTypeOf<Resolved<'session'>>().toEqualTypeOf<Answer<'getSession'>>();
  expectTypeOf<Resolved<'capabilities'>>().toEqualTypeOf<Answer<'getCapabilities'>>();
  expectTypeOf<Resolved<'pools'>>().toEqualTypeOf<Answer<'listPools'>['pools']>();
  expectTypeOf<Resolved<'poolHealth'>>().toEqualTypeOf<Answer<'getPoolHealth'>>();
  expectTypeOf<Resolved<'setPriority'>>().toEqualTypeOf<Answer<'setTaskPriority'>>();
  expectTypeOf<Resolved<'models'>>().toEqualTypeOf<Answer<'listModels'>['models']>();
  expectTypeOf<Resolved<'model'>>().toEqualTypeOf<Answer<'getModel'>>();
  expectTypeOf<Resolved<'addModel'>>().toEqualTypeOf<Answer<'addModel', 202>>();
  expectTypeOf<Resolved<'verifyModel'>>().toEqualTypeOf<Answer<'verifyModel'>>();
  expectTypeOf<Resolved<'setModelState'>>().toEqualTypeOf<Answer<'setModelState'>>();
  expectTypeOf<Resolved<'pausePool'>>().toEqualTypeOf<Answer<'pausePool'>>();
  expectTypeOf<Resolved<'resumePool'>>().toEqualTypeOf<Answer<'resumePool'>>();
  expectTypeOf<Resolved<'drainPool'>>().toEqualTypeOf<Answer<'drainPool'>>();
  expectTypeOf<Resolved<'reloadPool'>>().toEqualTypeOf<Answer<'reloadPool'>>();
  expectTypeOf<Resolved<'reloadConfig'>>().toEqualTypeOf<Answer<'reloadConfig'>>();
});

verifies(['ORCH-2510', 'ORCH-2551'], 'the event name of a frame decides the type of its data', () => {
  expectTypeOf<Extract<TaskFrame, { event: 'token' }>['data']['t']>().toEqualTypeOf<string>();
  expectTypeOf<Extract<TaskFrame, { event: 'end' }>['data']['finish_reason']>().toEqualTypeOf<
    'stop' | 'length' | 'canceled' | 'tool_calls'
  >();
  expectTypeOf<TaskFrame['event']>().toEqualTypeOf<'started' | 'token' | 'metrics' | 'end' | 'error'>();
});
