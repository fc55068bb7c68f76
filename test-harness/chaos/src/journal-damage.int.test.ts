// SPDX-License-Identifier: MIT
import { appendFile, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableService } from './durable-service.ts';
import { HOLD, MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TASKS = 60;

interface Damaged {
  /** Accepted tasks that the next process knows, oldest first; what is lost is missing at the end. */
  readonly foundCount: number;
  readonly warnings: readonly LogLine[];
  readonly health: unknown;
  readonly scrape: string;
}

/** Kills a service with a long log, damages it, and looks at what the next process makes of it. */
async function afterDamage(damage: (log: string) => Promise<void>): Promise<Damaged> {
  await using directory = await temporaryDirectory();
  await using service = await DurableService.start({ directory: directory.path, config: { pools: [MOCK_POOL] } });
  const { baseUrl } = service;
  const ids: string[] = [];
  for (let count = 0; count < TASKS; count += 1) ids.push((await submit(baseUrl, HOLD)).task_id);
  await service.crash();
  await damage(join(directory.path, 'queue.sqlite-wal'));
  const next = await service.restart();
  await next.ready();
  const known: boolean[] = [];
  for (const id of ids) known.push((await recordOf(baseUrl, id)) !== undefined);
  const foundCount = known.indexOf(false) < 0 ? known.length : known.indexOf(false);
  // A prefix: nothing is known behind the first that is lost.
  expect(known.slice(foundCount)).not.toContain(true);
  await submit(baseUrl, HOLD);
  const { json: health } = await next.call({ path: '/v1/pools/main/health' });
  const { text: scrape } = await next.call({ path: '/metrics' });
  const warnings = next.logLines.filter(({ level }) => level === 'warn' || level === 'error');
  return { foundCount, warnings, health, scrape };
}

const isLoss = ({ human = '' }: LogLine): boolean => human.includes('journal tail lost');

verifies(['ORCH-1211', 'ORCH-1341'], 'garbage behind the log costs nothing and accuses nobody', async () => {
  await using _leaks = watchLeaks();
  const { foundCount, warnings } = await afterDamage((log) => appendFile(log, Buffer.alloc(6_000, 0x5a)));
  expect(foundCount).toBe(TASKS);
  expect(warnings.filter(isLoss)).toEqual([]);
});

verifies(['ORCH-1210', 'ORCH-1211', 'ORCH-1341'], 'a torn tail costs the last batch only, and it is told', async () => {
  await using _leaks = watchLeaks();
  const { foundCount, warnings } = await afterDamage(async (log) => truncate(log, (await stat(log)).size - 1_000));
  // Each submit was a batch of its own, or two; the last of them is torn.
  expect(foundCount).toBeGreaterThanOrEqual(TASKS - 1);
  expect(warnings.filter(isLoss)).toHaveLength(1);
});

verifies(['ORCH-1210', 'ORCH-1341'], 'a byte flipped in the middle of the log is noticed', async () => {
  await using _leaks = watchLeaks();
  const { foundCount, warnings, health, scrape } = await afterDamage(async (log) => {
    const file = await open(log, 'r+');
    const at = Math.floor((await file.stat()).size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 0xff), 0, 1, at);
    await file.close();
  });
  expect(foundCount).toBeLessThan(TASKS);
  expect(foundCount).toBeGreaterThan(0);
  expect(warnings.filter(isLoss), JSON.stringify(warnings)).toHaveLength(1);
  expect(JSON.stringify(health)).toContain('degraded');
  expect(scrape).toMatch(/^\w*lost\w* [1-9]/m);
});
