// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueueLimits } from '@llama-orch/orchestrator-core';
import { FakeClock } from '@llama-orch/orchestrator-core/testkit';
import { openSqliteBackend, type SqliteBackend, type SqliteBackendOptions } from '../index.ts';

export const WIDE: QueueLimits = {
  maxTasks: { interactive: 100_000, batch: 100_000 },
  maxBytes: 1_000_000_000,
  fullPolicy: 'reject',
  interactiveBurst: 4,
};

/** Settings that a test may leave as they are. */
export const SETTINGS: Omit<SqliteBackendOptions, 'directory' | 'clock'> = {
  limits: (): QueueLimits => WIDE,
  retention: { archivedTasks: 1_000, archiveAgeMs: 3_600_000, endedIds: 10_000 },
  ballastBytes: 4_096,
  // Their clocks stand still.
  gathers: false,
};

/** A directory for one test; removed after it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/** Makes a directory whose path has no symbolic link. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(realpathSync(tmpdir()), 'queue-sqlite-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Opens a backend whose timers never fire by themselves. */
export function openStore(directory: string, options: Partial<SqliteBackendOptions> = {}): Promise<SqliteBackend> {
  return openSqliteBackend({ ...SETTINGS, directory, clock: new FakeClock(), ...options });
}
