// SPDX-License-Identifier: MIT
import { read } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { ArtifactDraft, StoredArtifact } from './artifact.ts';
import type { ArtifactId } from './artifact-id.ts';
import type { ArtifactReading, ArtifactStore, ArtifactStoreOptions } from './artifact-store.ts';
import { collectArtifacts } from './collect-artifacts.ts';
import { DraftBatches } from './draft-batches.ts';
import { JobBatches } from './job-batches.ts';
import { ThreadClient } from './thread-client.ts';
import type { Lease } from './thread/protocol.ts';
import { damaged, verifiedChunks } from './verified-chunks.ts';

/** Bytes of one chunk of a reading. */
const CHUNK_BYTES = 256 * 1024;
const readAt = promisify(read);

/**
 * Opens the artifacts of a directory, and removes what a process that was killed left half done.
 *
 * @throws OrchError STORE_UNAVAILABLE when the directory cannot be used; its cause says why.
 */
export async function openArtifactStore(options: ArtifactStoreOptions): Promise<ArtifactStore> {
  const { directory, maxBytes, maxTotalBytes } = options;
  await makeDirectory(directory);
  const thread = await ThreadClient.open({ directory, maxBytes, maxTotalBytes });
  const batches = new DraftBatches(thread, options.wallNowMs);
  const jobs = new JobBatches(thread, options.wallNowMs);
  const readings = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;
  // Who asks sees all that was put before.
  const flush = async (): Promise<void> => {
    await Promise.all([batches.flush(), jobs.flush()]);
  };
  const settled = async (): Promise<ThreadClient> => {
    await flush();
    return thread;
  };
  return {
    put: (draft) => putWithRoom(draft, { options, thread, batches }),
    leaveTrace: (trace) => jobs.add(trace),
    flush,
    find: async (id) => (await settled()).call('find', [id]),
    list: async (query) => (await settled()).call('list', [query]),
    async read(id) {
      const lease = await (await settled()).call('lease', [id]);
      return lease === undefined ? undefined : readingOf(lease, { options, thread, readings });
    },
    missingJobs: async (ended) => (await settled()).call('missingJobs', [ended]),
    collect: () => collectArtifacts(thread, options, 0),
    close() {
      closing ??= flush()
        .then(() => Promise.all(readings))
        .then(() => thread.close());
      return closing;
    },
  };
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new OrchError('STORE_UNAVAILABLE', { cause });
  }
}

interface PutParts {
  readonly options: ArtifactStoreOptions;
  readonly thread: ThreadClient;
  readonly batches: DraftBatches;
}

async function putWithRoom(draft: ArtifactDraft, { options, thread, batches }: PutParts): Promise<StoredArtifact> {
  const outcome = await batches.put(draft);
  if ('stored' in outcome) return outcome.stored;
  if (outcome.error.code !== 'STORE_UNAVAILABLE' || outcome.error.details['limit'] === undefined) throw outcome.error;
  // No room: what nothing needs makes way, and only then is the upload refused.
  await collectArtifacts(thread, options, outcome.sizeBytes);
  const second = await batches.put(draft);
  if ('stored' in second) return second.stored;
  throw second.error;
}

interface ReadingParts {
  readonly options: ArtifactStoreOptions;
  readonly thread: ThreadClient;
  readonly readings: Set<Promise<void>>;
}

function readingOf(lease: Lease, { options, thread, readings }: ReadingParts): ArtifactReading {
  const { artifact, handle } = lease;
  const done = Promise.withResolvers<void>();
  readings.add(done.promise);
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    await chunks.return();
    if (handle !== undefined) await thread.call('release', [artifact.id, handle]);
    readings.delete(done.promise);
    done.resolve();
  };
  const chunks = reported(contentOf(lease), artifact.id, options.onDamaged);
  return {
    artifact,
    chunks,
    [Symbol.asyncDispose]() {
      released ??= release();
      return released;
    },
  };
}

async function* contentOf({ artifact, content, handle }: Lease): AsyncGenerator<Uint8Array, void, undefined> {
  if (content !== undefined) return yield* verifiedChunks([content], artifact);
  if (handle === undefined) throw damaged();
  yield* verifiedChunks(fileChunks(handle, artifact.sizeBytes), artifact);
}

/** Reads one byte more than there should be, so that a longer file is found out without reading it to its end. */
async function* fileChunks(handle: number, sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; position <= sizeBytes;) {
    const length = Math.min(CHUNK_BYTES, sizeBytes + 1 - position);
    const { bytesRead, buffer } = await readAt(handle, Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

async function* reported(
  chunks: AsyncIterable<Uint8Array>,
  id: ArtifactId,
  onDamaged: (id: ArtifactId) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    onDamaged(id);
    throw damaged(error);
  }
}
