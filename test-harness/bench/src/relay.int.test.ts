// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { startRelayRig } from './arms/relay-arm.ts';
import { LoadClient } from './load/http-client.ts';
import { runRelayLoad } from './load/relay-load.ts';
import { noFaults } from './load/reply-judge.ts';

const STREAMS = 32;
const REPLIES = 64;

for (const closesStreams of [false, true]) {
  const habit = closesStreams ? 'hangs up after each reply' : 'keeps its connections';
  verifies('ORCH-8300', `no token is lost, doubled or misplaced behind an engine that ${habit}`, async () => {
    await using rig = await startRelayRig({ closesStreams });
    for (const delayUs of [0, 2_000]) {
      const shape = { tokens: 64, delayUs };
      const load = { way: 'orch', url: rig.service.baseUrl, streams: STREAMS, shape, seconds: 60 } as const;
      const figures = await runRelayLoad({ ...load, replies: REPLIES });
      expect(figures.faults).toEqual(noFaults());
      expect(figures).toMatchObject({ replies: REPLIES, tokens: REPLIES * shape.tokens });
    }
  });
}

verifies('ORCH-8302', 'a load is refused anywhere but on loopback', () => {
  expect(() => new LoadClient('http://192.0.2.1:80')).toThrow('127.0.0.1');
});

verifies('ORCH-8302', 'a load ends by its own bound in seconds', async () => {
  await using rig = await startRelayRig({ slots: 8 });
  const shape = { tokens: 1, delayUs: 0 };
  const figures = await runRelayLoad({ way: 'orch', url: rig.service.baseUrl, streams: 4, shape, seconds: 0.2 });
  expect(figures.faults).toEqual(noFaults());
  expect(figures.replies).toBeGreaterThan(0);
});
