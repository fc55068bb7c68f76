// SPDX-License-Identifier: MIT
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const post = { method: 'POST' };

async function storeOf(service: TestService, path = '/v1/store', init: RequestInit = {}): Promise<unknown> {
  return (await service.fetch(path, init)).json();
}

/** Makes the journal look as if so many committed records were gone. */
async function loseRecords(directory: string, count: number): Promise<void> {
  const file = join(directory, 'queue.high-water');
  const mark = await readFile(file);
  mark.writeBigUInt64LE(mark.readBigUInt64LE(4) + BigInt(count), 4);
  mark.writeUInt32LE(crc32(mark.subarray(0, 12)), 12);
  await writeFile(file, mark);
}

verifies(
  ['ORCH-1218', 'ORCH-1210'],
  'lost records degrade every pool until an operator acknowledges them',
  async () => {
    await using _leaks = watchLeaks();
    await using state = await mkdtempDisposable(join(tmpdir(), 'store-'));
    const env = { XDG_STATE_HOME: state.path };
    const directory = join(state.path, 'llama-orch');
    {
      await using service = await startTestService({ env });
      await service.stream((await service.submit({ prompt: 'hi' })).task_id);
      expect(await storeOf(service)).toEqual({ backend: 'sqlite', state: 'ok', lost_records: 0 });
    }
    await loseRecords(directory, 5);
    const degraded = async (service: TestService): Promise<unknown> =>
      ((await storeOf(service, '/v1/pools/mock/health')) as { degraded?: string }).degraded;
    {
      await using service = await startTestService({ env });
      expect(await storeOf(service)).toEqual({ backend: 'sqlite', state: 'ok', lost_records: 5 });
      expect(await degraded(service)).toContain('lost 5 committed records');
      for (const _ of [1, 2]) {
        const noted = { backend: 'sqlite', state: 'ok', lost_records: 0 };
        expect(await storeOf(service, '/v1/store/acknowledge', post)).toEqual(noted);
        expect(await storeOf(service)).toEqual(noted);
      }
      expect(await degraded(service)).toBeUndefined();
      expect(await (await service.fetch('/metrics')).text()).toMatch(/^store_lost_records 0$/m);
    }
    await using service = await startTestService({ env });
    expect(await storeOf(service)).toMatchObject({ lost_records: 0 });
  },
);

verifies(['ORCH-1215', 'ORCH-1217'], 'a backup is sent whole and leaves nothing behind', async () => {
  await using _leaks = watchLeaks();
  await using state = await mkdtempDisposable(join(tmpdir(), 'store-'));
  await using service = await startTestService({ env: { XDG_STATE_HOME: state.path } });
  const answers = await Promise.all([1, 2, 3].map(() => service.fetch('/v1/store/backup', post)));
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/vnd.sqlite3']);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 15).toString()).toBe('SQLite format 3');
    expect(String(bytes.length)).toBe(answer.headers.get('content-length'));
  }
  expect((await readdir(join(state.path, 'llama-orch'))).filter((name) => name.includes('backup'))).toEqual([]);
});

verifies(
  ['ORCH-1218', 'ORCH-1215'],
  'where tasks are in memory there is nothing to lose and nothing to copy',
  async () => {
    await using service = await startTestService({ config: { store: { backend: 'memory' } } });
    const plain = { backend: 'memory', state: 'ok', lost_records: 0 };
    expect(await storeOf(service)).toEqual(plain);
    expect(await storeOf(service, '/v1/store/acknowledge', post)).toEqual(plain);
    const refused = await service.fetch('/v1/store/backup', post);
    expect([refused.status, (await problemOf(refused)).code]).toEqual([404, 'NOT_FOUND']);
  },
);
