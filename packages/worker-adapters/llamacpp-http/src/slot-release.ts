// SPDX-License-Identifier: MIT
import {
  parseJson,
  proveReleased,
  sumSamples,
  type HttpAnswer,
  type HttpTransport,
  type ReleaseQuestion,
  type Sight,
} from '@llama-orch/adapter-kit';
import { parseSlots, PROCESSING_METRIC } from './map-metrics.ts';

/** What {@link proveSlotFree} asks about. */
export interface SlotQuestion extends Omit<ReleaseQuestion, 'look' | 'noticeMs'> {
  readonly transport: HttpTransport;
  /** The slot the request was pinned to. */
  readonly slot: number;
  /** Other generations of this adapter that run now. */
  readonly otherRuns: () => number;
}

/** llama-server looks for closed connections once a second; what is over that has been noticed. */
const NOTICED_AFTER_MS = 1_200;

/**
 * ORCH-4315: resolves when the engine no longer works on an aborted request: its slot is idle, or the engine is gone; or
 * when the adapter is being closed. Rejects WORKER_RESET when the slot stays busy.
 */
export function proveSlotFree(question: SlotQuestion): Promise<void> {
  const look = (signal: AbortSignal): Promise<Sight> => lookAtSlot(question, signal);
  return proveReleased({ ...question, look, noticeMs: NOTICED_AFTER_MS });
}

async function lookAtSlot({ transport, slot, otherRuns }: SlotQuestion, signal: AbortSignal): Promise<Sight> {
  const ask = (path: string): Promise<HttpAnswer> => transport.call({ method: 'GET', path }, signal);
  const slots = await ask('/slots');
  const state = parseSlots(parseJson(slots.body))?.find(({ id }) => id === slot);
  if (slots.status === 200 && state !== undefined) return state.isBusy ? 'busy' : 'free';
  const metrics = await ask('/metrics');
  const processing = metrics.status === 200 ? sumSamples(metrics.body, PROCESSING_METRIC) : undefined;
  if (processing === undefined) return 'unknown';
  return processing > otherRuns() ? 'busy' : 'free';
}
