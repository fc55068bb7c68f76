// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ArtifactReading } from '@llama-orch/artifacts';
import { toWireArtifact } from './to-wire-artifact.ts';

/** How an artifact is sent. */
export interface SendOptions {
  readonly correlationId: string;
  /** How long a client may take nothing before it loses its connection. */
  readonly drainTimeoutMs: number;
}

/**
 * Sends an artifact with its content while it is read and verified. Breaks the connection when the content turns out to be
 * damaged after its first bytes were sent.
 *
 * @throws OrchError UNTRUSTED_ARTIFACT while nothing has been sent.
 */
export async function sendArtifact(
  { artifact, chunks }: ArtifactReading,
  response: ServerResponse,
  { correlationId, drainTimeoutMs }: SendOptions,
): Promise<void> {
  const first = await chunks.next();
  // The stored content is JSON already: it goes between the braces as it is.
  const head = Buffer.from(`${JSON.stringify(toWireArtifact(artifact)).slice(0, -1)},"content":`);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, {
    'X-Correlation-Id': correlationId,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': head.length + artifact.sizeBytes + 1,
  });
  response.write(head);
  try {
    for (let piece = first; piece.done !== true; piece = await chunks.next()) {
      if (response.write(piece.value)) continue;
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(drainTimeoutMs)]);
      await once(response, 'drain', { signal });
    }
    response.end('}');
  } catch {
    // ORCH-1332: damaged, or nobody takes it any more; a body that is too short is the only honest end.
    response.destroy();
  }
}
