// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { exampleFits } from './match-pact.ts';
import { readPacts, type Interaction } from './pact-file.ts';
import { HANGING_PROMPT, startServiceUnderTest, type ServiceUnderTest } from './service-under-test.ts';

type Params = Readonly<Record<string, string>>;

/** How each state of the pacts is brought about. */
const STATES: Readonly<Record<string, (params: Params) => Promise<ServiceUnderTest>>> = {
  'a pool is ready': () => startServiceUnderTest(),
  async 'a task is completed'({ task_id }) {
    const service = await startServiceUnderTest();
    await service.finish(await service.submit({ task_id, prompt: 'hi' }));
    return service;
  },
  async 'a task is running'({ task_id }) {
    const service = await startServiceUnderTest();
    await untilRunning(service, await service.submit({ task_id, prompt: HANGING_PROMPT }));
    return service;
  },
  async 'a task is waiting'({ task_id }) {
    const service = await startServiceUnderTest();
    await untilRunning(service, await service.submit({ prompt: HANGING_PROMPT }));
    await service.submit({ task_id, prompt: 'hi' });
    return service;
  },
  async 'a task was submitted with another body'({ task_id }) {
    const service = await startServiceUnderTest();
    await service.submit({ task_id, prompt: 'another body' });
    return service;
  },
  async 'every queue is full'() {
    const service = await startServiceUnderTest({ queue: { interactive_tasks: 1, batch_tasks: 1 } });
    await untilRunning(service, await service.submit({ prompt: HANGING_PROMPT }));
    for (const priority of ['interactive', 'batch']) await service.submit({ prompt: HANGING_PROMPT, priority });
    return service;
  },
  async 'a session exists'({ session_id }) {
    const service = await startServiceUnderTest();
    await service.finish(await service.submit({ session_id, prompt: 'hi' }));
    return service;
  },
  async 'a plan is stored'({ content, tag }) {
    const service = await startServiceUnderTest();
    const body = { kind: 'plan', content: JSON.parse(content ?? '') as unknown, tags: [tag] };
    await service.call('POST', '/v1/artifacts', { body });
    return service;
  },
  'the service needs a token': () => startServiceUnderTest({}, {}, 'a-token-of-the-provider-test'),
};

/** Waits until the task holds the slot. */
async function untilRunning(service: ServiceUnderTest, taskId: string): Promise<void> {
  for (let state = ''; state !== 'running';) {
    state = ((await (await service.call('GET', `/v1/tasks/${taskId}`)).json()) as { state: string }).state;
  }
}

async function expectHolds({ providerStates: [state], request, response }: Interaction): Promise<void> {
  const enter = STATES[state?.name ?? ''];
  if (enter === undefined) throw new Error(`Nobody knows the state "${state?.name ?? ''}".`);
  await using service = await enter(state?.params ?? {});
  const query = new URLSearchParams(
    Object.entries(request.query ?? {}).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  );
  const path = query.size === 0 ? request.path : `${request.path}?${query.toString()}`;
  const answer = await service.call(request.method, path, { headers: request.headers, body: request.body });
  const text = await answer.text();
  expect([answer.status, text.slice(0, 300)]).toEqual([response.status, expect.any(String)]);
  for (const [name, value] of Object.entries(response.headers ?? {}))
    expect(answer.headers.get(name), name).toBe(value);
  if (response.body === undefined) return;
  expect(exampleFits(response.body, JSON.parse(text), response.matchingRules?.body)).toEqual([]);
}

const interactions = readPacts();

verifies('ORCH-2403', 'there are pacts to hold', () => {
  expect(interactions.length).toBeGreaterThan(10);
});

for (const interaction of interactions) {
  verifies('ORCH-2403', interaction.description, () => expectHolds(interaction));
}
