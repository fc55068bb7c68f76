// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { schemaValidators } from '@llama-orch/api-schema';
import { verifies } from '@llama-orch/test-kit';
import { PACT_CASES } from './__fixtures__/pact-cases.ts';
import { recordRequest, toInteraction, type PactCase } from './__fixtures__/pact.ts';
import { scriptedFetch } from './__fixtures__/scripted-fetch.ts';
import { createClient } from './create-client.ts';

const PACT_FILE = '../../../contracts/pacts/llama-orch-client.json';
const STREAMS = ['stream', 'run', 'events', 'backUpStore'];

async function play(pact: PactCase): Promise<{ request: Request; outcome: unknown }> {
  const { status, headers, body } = pact.response;
  const { fetch, requests } = scriptedFetch(
    () => new Response(body === undefined ? null : JSON.stringify(body), headers ? { status, headers } : { status }),
  );
  const client = createClient({ baseUrl: 'http://127.0.0.1:8080', fetch });
  const outcome = await pact.call(client).catch((error: unknown) => error);
  return { request: requests[0]!, outcome };
}

verifies('ORCH-2550', 'every pact is what the client sends and reads', async () => {
  for (const pact of PACT_CASES) {
    const { outcome } = await play(pact);
    const expected = pact.outcome ?? pact.response.body;
    if (expected === undefined) expect(outcome, pact.description).toBeUndefined();
    else expect(outcome, pact.description).toMatchObject(expected);
  }
});

verifies('ORCH-2550', 'every answer in a pact is one the contract allows', () => {
  for (const { description, response } of PACT_CASES) {
    if (response.body === undefined) continue;
    const validate = schemaValidators[response.schema as keyof typeof schemaValidators];
    expect(validate(response.body), `${description}: ${JSON.stringify(validate.errors)}`).toBe(true);
  }
});

verifies('ORCH-2550', 'every method that is not a stream has a pact', () => {
  const client = createClient({ baseUrl: 'http://127.0.0.1:8080' });
  const called = new Set<string>();
  const spy = new Proxy(client, {
    get: (_target, name: string) => {
      called.add(name);
      return async () => undefined;
    },
  });
  for (const { call } of PACT_CASES) void call(spy);
  expect([...called].sort()).toEqual(
    Object.keys(client)
      .filter((name) => !STREAMS.includes(name))
      .sort(),
  );
});

// To renew the file after a change of the client: npx vitest run --root packages/client pacts -u
verifies('ORCH-2550', 'the pact file is the one these calls make', async () => {
  const interactions: object[] = [];
  for (const pact of PACT_CASES)
    interactions.push(toInteraction(pact, await recordRequest((await play(pact)).request)));
  const file = {
    consumer: { name: 'llama-orch-client' },
    provider: { name: 'orchestratord' },
    interactions,
    metadata: { pactSpecification: { version: '3.0.0' } },
  };
  await expect(`${JSON.stringify(file, null, 2)}\n`).toMatchFileSnapshot(PACT_FILE);
});
