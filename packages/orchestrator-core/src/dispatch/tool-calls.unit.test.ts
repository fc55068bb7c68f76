// SPDX-License-Identifier: MIT
import type { WorkerInput } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { Rig, drain } from '../__fixtures__/rig.ts';
import { canonicalJson } from '../admission/canonical-json.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import { sha256Digest } from '../testkit/index.ts';

const input: WorkerInput = {
  workload: 'chat',
  messages: [{ role: 'user', content: 'what is the weather in Oslo?' }],
  tools: [{ name: 'weather', parameters: {} }],
};
const calls = [
  { name: 'weather', arguments: '{"city":"Oslo"}' },
  { name: 'weather', arguments: '{"city":"Rome"}' },
];

/** Runs the chat to its calls. */
async function call(rig: Rig, seed: number) {
  const { taskId } = await rig.accept({ input, seed });
  rig.job.send('I look it up.');
  rig.job.end({ finishReason: 'tool_calls', toolCalls: calls, tokensOut: 20 });
  await rig.rest();
  return { taskId, view: await rig.view(taskId), end: drain(await rig.read(taskId)).at(-1) };
}

verifies('ORCH-3485', 'calls stand in end frame, output and receipt, and not in the text', async () => {
  const rig = await new Rig().start();
  const { view, end } = await call(rig, 1);
  expect(end).toMatchObject({ kind: 'end', finishReason: 'tool_calls', tokensOut: 20, toolCalls: calls });
  expect(view).toMatchObject({ finishReason: 'tool_calls', output: { text: 'I look it up.', toolCalls: calls } });
  const toolCalls = view.output?.toolCalls;
  expect(view.receipt?.toolCallsSha256).toBe(sha256Digest.sha256Hex(canonicalJson(toolCalls)));
  await rig.stop();
});

verifies('ORCH-3485', 'the ids of calls repeat with the input and the seed', async () => {
  const rig = await new Rig().start();
  const idsOf = async (seed: number) => (await call(rig, seed)).view.output?.toolCalls?.map(({ id }) => id);
  const ids = await idsOf(1);
  expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{9}$/), expect.stringMatching(/^[0-9a-f]{9}$/)]);
  expect(new Set(ids).size).toBe(2);
  expect(await idsOf(1)).toEqual(ids);
  expect(await idsOf(2)).not.toEqual(ids);
  await rig.stop();
});

verifies('ORCH-3485', 'calls outlive a restart', async () => {
  const rig = await new Rig({ disk: new SimDisk() }).start();
  const { taskId, view, end } = await call(rig, 1);
  const next = await rig.restart();
  expect((await next.view(taskId)).output).toEqual(view.output);
  expect(drain(await next.read(taskId)).at(-1)).toEqual(end);
  await next.stop();
});
