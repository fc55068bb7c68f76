// SPDX-License-Identifier: MIT
import { parentPort, workerData } from 'node:worker_threads';
import { ArtifactVault } from './artifact-vault.ts';
import { faultOf } from './fault-of.ts';
import type { ThreadAnswer, ThreadRequest, ThreadSettings } from './protocol.ts';

// This file is the thread of the disk: every write, sync and query of artifacts waits here and nowhere else.

const port = parentPort;
if (port === null) throw new Error('artifacts-thread runs as a worker thread only.');
const say = (answer: ThreadAnswer): void => port.postMessage(answer);
/** Calls that change something; each begins when the one before is done. */
const CHANGES: readonly ThreadRequest['method'][] = ['put', 'keep', 'collect', 'close'];
let changes: Promise<unknown> = Promise.resolve();

const answer = async (vault: ArtifactVault, { callId, method, args }: ThreadRequest): Promise<void> => {
  try {
    const calls = vault as unknown as Record<typeof method, (...given: readonly unknown[]) => unknown>;
    say({ callId, value: await calls[method](...args) });
  } catch (error) {
    say({ callId, fault: faultOf(error) });
  }
  if (method === 'close') port.close();
};

try {
  const vault = new ArtifactVault(workerData as ThreadSettings);
  port.on('message', (request: ThreadRequest) => {
    if (CHANGES.includes(request.method)) changes = changes.then(() => answer(vault, request));
    else void answer(vault, request);
  });
  say({ callId: 0, value: undefined });
} catch (error) {
  say({ callId: 0, fault: faultOf(error) });
}
