// SPDX-License-Identifier: MIT
import type { ArtifactStoreOptions } from './artifact-store.ts';
import type { ThreadClient } from './thread-client.ts';
import type { Candidate } from './thread/protocol.ts';

/** Artifacts looked at in one step; uploads have their turn between two of them. */
const SLICE = 200;

/**
 * Removes artifacts that are too old, or the oldest while there are too many bytes, unless a tag, a child, a kept task or a
 * reader needs them; ORCH-1334.
 *
 * @param neededBytes Room to make below the largest total size.
 * @returns How many were removed.
 */
export async function collectArtifacts(
  thread: ThreadClient,
  { maxAgeMs, wallNowMs, isTaskKept }: Pick<ArtifactStoreOptions, 'maxAgeMs' | 'wallNowMs' | 'isTaskKept'>,
  neededBytes: number,
): Promise<number> {
  const createdBefore = wallNowMs() - maxAgeMs;
  let removedCount = 0;
  let afterSeq = 0;
  for (;;) {
    const candidates = await thread.call('candidates', [{ afterSeq, createdBefore, neededBytes, limit: SLICE }]);
    const last = candidates.at(-1);
    if (last === undefined) return removedCount;
    const loose = await withoutKept(candidates, isTaskKept);
    removedCount += await thread.call('collect', [loose.map(({ id }) => id)]);
    afterSeq = last.seq;
  }
}

async function withoutKept(
  candidates: readonly Candidate[],
  isTaskKept: (taskId: string) => Promise<boolean>,
): Promise<readonly Candidate[]> {
  const kept = await Promise.all(
    candidates.map(async ({ taskId }) => taskId !== undefined && (await isTaskKept(taskId))),
  );
  return candidates.filter((_, place) => kept[place] !== true);
}
