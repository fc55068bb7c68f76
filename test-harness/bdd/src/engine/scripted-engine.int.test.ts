// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { call } from '../wire/http-call.ts';
import { HOLD, ScriptedEngine } from './scripted-engine.ts';

const body = (prompt: string, seed = 1): object => ({ prompt, n_predict: 3, seed, stream: true });

verifies('ORCH-8002', 'a prompt that is not held is answered at once, by seed and prompt', async () => {
  const engine = await ScriptedEngine.start();
  const ask = async (seed: number): Promise<string> =>
    (await call(engine.url, { method: 'POST', path: '/completion', body: body('a', seed) })).text;
  const [first, again, other] = [await ask(1), await ask(1), await ask(2)];
  await engine.close();
  expect(first).toBe(again);
  expect(first).not.toBe(other);
  expect(first).toContain('"stop":true');
});

verifies('ORCH-8002', 'a held generation writes only on command and waits for a slot in order', async () => {
  const engine = await ScriptedEngine.start({ slots: 1 });
  const answer = call(engine.url, { method: 'POST', path: '/completion', body: body(`${HOLD} first`) });
  const waiting = call(engine.url, { method: 'POST', path: '/completion', body: body('second') });
  const generation = await engine.generation('first');
  expect(generation.writtenCount).toBe(0);
  expect(engine.generationsOf('second')).toEqual([]);
  generation.write('one', 'two');
  generation.finish('limit');
  const { text } = await answer;
  expect(text.match(/"content":"(one|two)"/g)).toHaveLength(2);
  expect((await waiting).status).toBe(200);
  await engine.close();
});

verifies('ORCH-8002', 'health, properties and slots are those of a llama-server', async () => {
  const engine = await ScriptedEngine.start({ slots: 2, modelId: 'm', build: 'b1-x' });
  const get = async (path: string): Promise<unknown> => (await call(engine.url, { path })).json;
  expect(await get('/props')).toMatchObject({ total_slots: 2, build_info: 'b1-x', model_path: '/models/m.gguf' });
  expect(await get('/slots')).toMatchObject([{ id: 0, is_processing: false }, { id: 1 }]);
  engine.loading = true;
  expect(await call(engine.url, { path: '/health' })).toMatchObject({ status: 503 });
  await engine.close();
});
