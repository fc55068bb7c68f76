// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { DurableService } from './durable-service.ts';
import { MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

/** Mounts a disk of 64 MiB; undefined where this user may not. */
async function smallDisk(): Promise<TemporaryDirectory | undefined> {
  const directory = await temporaryDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', directory.path], { stdio: 'ignore' });
  } catch {
    // Only the superuser may; the test says so by being skipped.
    await directory[Symbol.asyncDispose]();
    return undefined;
  }
  const unmount = (): void => void execFileSync('umount', ['--lazy', directory.path]);
  process.once('exit', unmount);
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      process.off('exit', unmount);
      unmount();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Takes all the space that is left. */
function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (let size = 1 << 20; size >= 1; size >>= 1) while (canWrite(descriptor, Buffer.alloc(size, 1)));
  } finally {
    closeSync(descriptor);
  }
}

function canWrite(descriptor: number, chunk: Buffer): boolean {
  try {
    return writeSync(descriptor, chunk) > 0;
  } catch {
    return false; // full is what was wanted
  }
}

const disk = await smallDisk();
await disk?.[Symbol.asyncDispose]();
const register = disk === undefined ? undefined : verifies;
if (register === undefined) test.skip('a full disk refuses and recovers (left out: mounting a small disk needs root)');

register?.(
  ['ORCH-1212', 'ORCH-1341'],
  'a full disk refuses with 503, lets streams go on and recovers by itself',
  async () => {
    await using _leaks = watchLeaks();
    await using small = (await smallDisk())!;
    const data = join(small.path, 'data');
    const filler = join(small.path, 'filler');
    await using service = await DurableService.start({
      directory: data,
      config: { pools: [{ ...MOCK_POOL, slots: 2 }] },
    });
    await service.process.ready();
    const { baseUrl } = service;
    const accepted = [await submit(baseUrl, '[[mock tokens=4000 delay_ms=1]]')];
    const reader = await service.process.open(`/v1/tasks/${accepted[0]!.task_id}/stream`);
    await reader.until('a token', ({ tokens }) => tokens.length > 0);
    const body = { prompt: `${'x'.repeat(60_000)}[[mock tokens=1]]` };
    fill(filler);
    const before = reader.tokens.length;
    let refused = await call(baseUrl, { method: 'POST', path: '/v1/tasks', body });
    for (let count = 0; count < 2_000 && refused.status === 202; count += 1) {
      accepted.push(refused.json as (typeof accepted)[number]);
      refused = await call(baseUrl, { method: 'POST', path: '/v1/tasks', body });
    }
    expect(refused.status, refused.text).toBe(503);
    expect(refused.json).toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await reader.until('more tokens', ({ tokens }) => tokens.length > before);
    await reader.untilEnd();
    expect(reader.tokens).toHaveLength(4_000);
    rmSync(filler);
    let answer = refused;
    while (answer.status === 503) answer = await call(baseUrl, { method: 'POST', path: '/v1/tasks', body });
    expect(answer.status, answer.text).toBe(202);
    await service.crash();
    await service.restart();
    for (const { task_id: id } of accepted) expect(await recordOf(baseUrl, id), id).toBeDefined();
    expect(await service.stop()).toBe(0);
  },
);
