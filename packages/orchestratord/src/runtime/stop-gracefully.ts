// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { App } from '../app.ts';
import type { Composition } from '../compose.ts';

/** What is stopped, and how patiently. */
export interface StopParts {
  readonly composition: Composition;
  readonly app: App;
  readonly server: Server;
  /** How long running tasks may take to finish. */
  readonly graceMs: number;
  readonly reason: string;
}

/** How long readers may take to receive the last frames, once nothing runs any more. */
const LAST_FRAMES_MS = 1_000;

/**
 * Ends a service: no new task is taken, running ones finish within the grace, and nothing is left behind. The rest is
 * canceled and every stream gets its terminal frame; where tasks are durable it stays for the next process, and its streams
 * are cut. While it stops the service still answers.
 */
export async function stopGracefully({ composition, app, server, graceMs, reason }: StopParts): Promise<void> {
  const { orchestrator } = composition;
  const drained = orchestrator.drain(AbortSignal.timeout(graceMs));
  // ORCH-2304: what waits in memory would wait in vain, and had better be told at once
  if (!composition.isDurable) await cancelWaiting(orchestrator);
  await drained;
  // ORCH-2302: what still runs is canceled here, or left to the next process
  await orchestrator.stop(reason);
  app.streams.finishAll();
  const closed = once(server, 'close');
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), LAST_FRAMES_MS);
  await closed;
  clearTimeout(cut);
  await composition.closeEngines();
}

async function cancelWaiting(orchestrator: Composition['orchestrator']): Promise<void> {
  for (;;) {
    const { tasks } = await orchestrator.list({ state: 'queued', limit: 500 });
    if (tasks.length === 0) return;
    await Promise.all(tasks.map(({ task }) => orchestrator.cancel(task.id)));
  }
}
