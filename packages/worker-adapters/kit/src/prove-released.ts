// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** What an engine shows of a request whose connection was closed; `unknown` where it does not tell. */
export type Sight = 'free' | 'busy' | 'unknown';

/** What {@link proveReleased} asks about. */
export interface ReleaseQuestion {
  /** Asks the engine; what it throws counts as an engine that is gone (WORKER_RESET) or does not tell (all else). */
  readonly look: (signal: AbortSignal) => Promise<Sight>;
  /** Whether the engine is known to have begun; else it may still begin after it looked idle. */
  readonly hasStarted: boolean;
  /** Ends the wait: the adapter is being closed. */
  readonly closing: AbortSignal;
  /** Milliseconds in which the engine notices a closed connection. */
  readonly noticeMs: number;
  /** Milliseconds after which the work counts as stuck. */
  readonly limitMs: number;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Resolves when the engine no longer works on an aborted request, or is gone, or when the adapter is being closed.
 * Rejects WORKER_RESET when it goes on.
 */
export async function proveReleased(question: ReleaseQuestion): Promise<void> {
  const startMs = performance.now();
  const signal = AbortSignal.any([question.closing, AbortSignal.timeout(question.limitMs)]);
  let wasBusy = question.hasStarted;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const sight = await look(question, signal);
    const wasNoticed = performance.now() - startMs >= question.noticeMs;
    if (sight === 'busy') wasBusy = true;
    if ((sight === 'free' && wasBusy) || (sight !== 'busy' && wasNoticed)) return;
    await delay(pauseMs, undefined, { signal }).catch(() => 'the loop looks at the signal itself');
  }
  if (question.closing.aborted) return;
  throw new OrchError('WORKER_RESET', {
    message: 'The engine went on after the connection was closed.',
    details: { reason: 'slot_stuck', limit_ms: question.limitMs },
  });
}

async function look(question: ReleaseQuestion, signal: AbortSignal): Promise<Sight> {
  try {
    return await question.look(signal);
  } catch (error) {
    // A look that the limit has cut short proves nothing.
    if (signal.aborted) return 'busy';
    // An engine that cannot be reached works on nothing of ours; one that is silent may.
    return OrchError.is(error) && error.code === 'WORKER_RESET' ? 'free' : 'unknown';
  }
}
