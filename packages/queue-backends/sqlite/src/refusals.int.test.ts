// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';
import { StoreOpenError, type RefusalReason } from './index.ts';
import { checkSqliteVersion } from './thread/open-database.ts';

const CHILD = new URL('./__fixtures__/acking-child.ts', import.meta.url).pathname;

async function refusalOf(directory: string): Promise<StoreOpenError> {
  const refusal = await openStore(directory).then(
    async (backend) => {
      await backend.close();
      return undefined;
    },
    (fault: unknown) => fault,
  );
  expect(refusal).toBeInstanceOf(StoreOpenError);
  return refusal as StoreOpenError;
}

async function expectRefusal(directory: string, reason: RefusalReason): Promise<void> {
  const refusal = await refusalOf(directory);
  expect([refusal.reason, refusal.directory]).toEqual([reason, directory]);
  expect(refusal.message).toContain(directory);
  expect(refusal.message).not.toContain('\n');
}

verifies('ORCH-1206', 'a second process is refused until the first is killed', async () => {
  await using directory = await temporaryDirectory();
  const child = spawn(process.execPath, ['--conditions=@llama-orch/source', CHILD, directory.path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  await once(child, 'message');
  await expectRefusal(directory.path, 'in-use');
  child.kill('SIGKILL');
  await exited;
  await (await openStore(directory.path)).close();
});

verifies('ORCH-1206', 'a second backend of the same process is refused, and the first goes on', async () => {
  await using directory = await temporaryDirectory();
  const first = await openStore(directory.path);
  await expectRefusal(directory.path, 'in-use');
  expect(await first.queue.admit(buildTask())).toMatchObject({ outcome: 'accepted' });
  await first.close();
});

verifies('ORCH-1207', 'a directory reached through a symbolic link is refused', async () => {
  await using directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'real'));
  await symlink(join(directory.path, 'real'), join(directory.path, 'link'));
  await expectRefusal(join(directory.path, 'link'), 'symbolic-link');
  await expectRefusal(join(directory.path, 'link', 'inside'), 'symbolic-link');
  await symlink('/dev/null', join(directory.path, 'real', 'queue.sqlite'));
  await expectRefusal(join(directory.path, 'real'), 'symbolic-link');
});

verifies('ORCH-1207', 'a directory that may not be written, and a file, are refused', async () => {
  await using directory = await temporaryDirectory();
  const readOnly = join(directory.path, 'read-only');
  await mkdir(readOnly, { mode: 0o500 });
  await expectRefusal(readOnly, 'read-only');
  await chmod(readOnly, 0o700);
  await writeFile(join(directory.path, 'file'), '');
  await expectRefusal(join(directory.path, 'file'), 'not-a-directory');
});

const superuser = process.getuid?.() === 0;
const registerForeign = superuser ? verifies : (_ids: unknown, title: string) => test.skip(`${title} (needs root)`);
registerForeign('ORCH-1207', "another user's directory is refused", async () => {
  await using directory = await temporaryDirectory();
  await chown(directory.path, 65_534, 65_534);
  await expectRefusal(directory.path, 'foreign-owner');
});

verifies('ORCH-1208', 'a database of a newer schema is refused and left as it is', async () => {
  await using directory = await temporaryDirectory();
  await (await openStore(directory.path)).close();
  const file = join(directory.path, 'queue.sqlite');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expectRefusal(directory.path, 'newer-schema');
});

verifies('ORCH-1207', 'a file that is no database is refused as damaged', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'queue.sqlite'), 'not a database, and long enough to be read as one'.repeat(99));
  await expectRefusal(directory.path, 'damaged');
});

verifies('ORCH-1209', 'a SQLite below 3.51.3 is refused by both versions', () => {
  for (const version of ['3.51.3', '3.51.10', '3.53.0', '4.0.0'])
    expect(() => checkSqliteVersion(version)).not.toThrow();
  for (const version of ['3.51.2', '3.50.99', '3.9.9', '2.99.99', 'unknown']) {
    expect(() => checkSqliteVersion(version)).toThrow(`SQLite ${version} is older than 3.51.3`);
  }
});
