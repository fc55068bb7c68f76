// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpAnswer, HttpTransport } from '@llama-orch/adapter-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { parseSlots, readSample } from './map-metrics.ts';
import { parseJson } from './parse-json.ts';

/** What {@link proveSlotFree} asks about. */
export interface ReleaseQuestion {
  readonly transport: HttpTransport;
  /** The slot the request was pinned to. */
  readonly slot: number;
  /** Whether the engine is known to have begun; else it may still begin after it looked idle. */
  readonly hasStarted: boolean;
  /** Other generations of this adapter that run now. */
  readonly otherRuns: () => number;
  /** Ends the wait: the adapter is being closed. */
  readonly closing: AbortSignal;
  /** Milliseconds after which a slot counts as stuck. */
  readonly limitMs: number;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
/** llama-server looks for closed connections once a second; what is over that has been noticed. */
const NOTICED_AFTER_MS = 1_200;

type Sight = 'free' | 'busy' | 'unknown';

/**
 * ORCH-4315: resolves when the engine no longer works on an aborted request: its slot is idle, or the engine is gone; or
 * when the adapter is being closed. Rejects WORKER_RESET when the slot stays busy.
 */
export async function proveSlotFree(question: ReleaseQuestion): Promise<void> {
  const startMs = performance.now();
  const signal = AbortSignal.any([question.closing, AbortSignal.timeout(question.limitMs)]);
  let wasBusy = question.hasStarted;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const sight = await look(question, signal);
    const wasNoticed = performance.now() - startMs >= NOTICED_AFTER_MS;
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

async function look({ transport, slot, otherRuns }: ReleaseQuestion, signal: AbortSignal): Promise<Sight> {
  const ask = (path: string): Promise<HttpAnswer> => transport.call({ method: 'GET', path }, signal);
  try {
    const slots = await ask('/slots');
    const state = parseSlots(parseJson(slots.body))?.find(({ id }) => id === slot);
    if (slots.status === 200 && state !== undefined) return state.isBusy ? 'busy' : 'free';
    const metrics = await ask('/metrics');
    const processing = metrics.status === 200 ? readSample(metrics.body, 'llamacpp:requests_processing') : undefined;
    if (processing === undefined) return 'unknown';
    return processing > otherRuns() ? 'busy' : 'free';
  } catch (error) {
    // An engine that cannot be reached works on nothing of ours; one that is silent may.
    return OrchError.is(error) && error.code === 'WORKER_RESET' ? 'free' : 'unknown';
  }
}
