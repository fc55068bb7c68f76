// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Artifact } from './artifact.ts';

/**
 * The same chunks, but the last one only once all of them have proven to be the artifact's content: whoever passes them
 * on has never sent the whole of something else.
 *
 * @throws OrchError UNTRUSTED_ARTIFACT when they are not; ORCH-1332.
 */
export async function* verifiedChunks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { id, sizeBytes }: Pick<Artifact, 'id' | 'sizeBytes'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = createHash('sha256');
  let byteCount = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    byteCount += chunk.length;
    if (byteCount > sizeBytes) break;
    digest.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (byteCount !== sizeBytes || `sha256:${digest.digest('hex')}` !== id) throw damaged();
  if (held !== undefined) yield held;
}

/** The stored content is not what its id says. */
export function damaged(cause?: unknown): OrchError {
  return new OrchError('UNTRUSTED_ARTIFACT', {
    phase: 'request',
    message: 'The stored content of this artifact is damaged.',
    details: { field: 'path.artifact_id' },
    ...(cause === undefined ? {} : { cause }),
  });
}
