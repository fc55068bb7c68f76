// SPDX-License-Identifier: MIT
import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@llama-orch/worker-adapter-api';
import type { Artifact, ArtifactJob } from '../artifact.ts';
import type { ArtifactId } from '../artifact-id.ts';
import type { ArtifactStore, ArtifactStoreOptions } from '../artifact-store.ts';
import { openArtifactStore } from '../open-artifact-store.ts';

/** A store in a folder of its own, and what it was told. */
export interface TestStore extends AsyncDisposable {
  readonly store: ArtifactStore;
  readonly directory: string;
  /** Artifacts that were found to be damaged. */
  readonly damaged: readonly ArtifactId[];
  /** Tasks that can still be read. */
  readonly keptTasks: Set<string>;
  /** Lets the wall clock go on. */
  advance(ms: number): void;
  /** Every file below the directory but the index, by its path in it. */
  files(): Promise<readonly string[]>;
}

/** Opens an empty store. */
export async function openTestStore(options: Partial<ArtifactStoreOptions> = {}): Promise<TestStore> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'artifacts-'));
  const damaged: ArtifactId[] = [];
  const keptTasks = new Set<string>();
  let nowMs = 1_000_000;
  const directory = join(folder.path, 'artifacts');
  const store = await openArtifactStore({
    ...testOptions(directory),
    wallNowMs: () => nowMs,
    isTaskKept: async (taskId) => keptTasks.has(taskId),
    onDamaged: (id) => damaged.push(id),
    ...options,
  });
  return {
    store,
    directory,
    damaged,
    keptTasks,
    advance: (ms) => (nowMs += ms),
    files: () => filesIn(directory),
    async [Symbol.asyncDispose]() {
      await store.close();
      await folder.remove();
    },
  };
}

/** Options of a store whose clock stands still. */
export function testOptions(directory: string): ArtifactStoreOptions {
  return {
    directory,
    maxBytes: 1 << 20,
    maxTotalBytes: 1 << 24,
    maxAgeMs: 1_000,
    wallNowMs: () => 0,
    isTaskKept: async () => false,
    onDamaged: () => undefined,
  };
}

/** Leaves a trace, and answers the artifact of its job. */
export async function leaveTrace(store: ArtifactStore, job: ArtifactJob, content: JsonValue): Promise<Artifact> {
  const stored = store.leaveTrace({ ...job, content: () => content });
  const { artifacts } = await store.list({ taskId: job.taskId, limit: 1 });
  await stored;
  const [artifact] = artifacts;
  if (artifact === undefined) throw new Error('The job has left no artifact.');
  return artifact;
}

/** Every file below a directory but the index, by its path in it. */
export async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('index.sqlite'))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** Where an artifact's content lies below the directory. */
export function fileOf(id: ArtifactId): string {
  return `objects/${id.slice(7, 9)}/${id.slice(9)}`;
}

/** The whole content of an artifact, or undefined when there is none. */
export async function readAll(store: ArtifactStore, id: ArtifactId): Promise<string | undefined> {
  await using reading = await store.read(id);
  if (reading === undefined) return undefined;
  return Buffer.concat(await Array.fromAsync(reading.chunks)).toString();
}
