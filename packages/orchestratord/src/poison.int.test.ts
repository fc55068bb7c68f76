// SPDX-License-Identifier: MIT
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf, readUntil } from './__fixtures__/sse-frames.ts';
import { startTestService } from './__fixtures__/test-service.ts';

const TOKEN_COUNT = 120;
const GOOD = `[[mock tokens=${TOKEN_COUNT} delay_ms=4]]`;
const POISON = '[[mock tokens=20 fault=crash at=3]]';

for (const backend of ['sqlite', 'memory']) {
  const title = `a task that kills its engine ends poisoned, and its neighbor as if nothing had been (${backend})`;
  verifies(['ORCH-1239', 'ORCH-1235', 'ORCH-1234', 'ORCH-1233'], title, async () => {
    await using _leaks = watchLeaks();
    const config = { store: { backend }, watchdog: { probe_interval_ms: 100 } };
    await using service = await startTestService({ config, pool: { slots: 2 } });
    const undisturbed = await service.submit({ prompt: GOOD, seed: 5 });
    const tokens = framesOf(await service.stream(undisturbed.task_id)).flatMap(({ event, data }) =>
      event === 'token' ? [data['t']] : [],
    );
    const good = await service.submit({ prompt: GOOD, seed: 5 });
    const reading = service.stream(good.task_id);
    await readUntil(await service.fetch(`/v1/tasks/${good.task_id}/stream`), 'token');
    const poison = await service.submit({ prompt: POISON, seed: 5 });
    const last = framesOf(await service.stream(poison.task_id)).at(-1);
    expect(last).toMatchObject({ event: 'error', data: { code: 'TASK_POISONED', retriable: false } });

    const frames = framesOf(await reading).filter(({ event }) => event !== 'metrics');
    expect(frames.map(({ event }) => event)).toEqual(['started', ...Array<string>(TOKEN_COUNT).fill('token'), 'end']);
    expect(frames.slice(1, -1).map(({ data }) => data['i'])).toEqual(Array.from({ length: TOKEN_COUNT }, (_, i) => i));
    expect(frames.at(-1)).toMatchObject({ data: { tokens_out: TOKEN_COUNT, finish_reason: 'stop' } });
    expect(frames.slice(1, -1).map(({ data }) => data['t'])).toEqual(tokens);
  });
}
