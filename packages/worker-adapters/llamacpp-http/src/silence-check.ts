// SPDX-License-Identifier: MIT
import type { HttpTransport } from '@llama-orch/adapter-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** What a check needs. */
export interface SilenceCheckOptions {
  readonly transport: HttpTransport;
  /** Within this time the engine says something, or is given up. */
  readonly limitMs: number;
  /** Whether it has begun to answer. */
  readonly hasStarted: () => boolean;
  /** Called once when it is given up. */
  readonly giveUp: (fault: OrchError) => void;
}

/**
 * Finds out whether an engine that has accepted a request is there at all: one that computes a long prompt is silent too,
 * but says that it is well when it is asked.
 *
 * @returns Ends the check; to be called when the answer is there.
 */
export function checkSilence({ transport, limitMs, hasStarted, giveUp }: SilenceCheckOptions): () => void {
  let over: AbortController | undefined;
  const ask = async (): Promise<void> => {
    if (hasStarted()) return;
    over = new AbortController();
    const question = { method: 'GET', path: '/health', headersTimeoutMs: limitMs / 2 } as const;
    try {
      await transport.call(question, over.signal);
    } catch (cause) {
      // ORCH-1292: neither the job nor the question was answered.
      if (!over.signal.aborted && !hasStarted()) giveUp(silent(limitMs, cause));
    }
  };
  const timer = setTimeout(() => void ask(), limitMs / 2);
  return () => {
    clearTimeout(timer);
    over?.abort();
  };
}

function silent(limitMs: number, cause: unknown): OrchError {
  const message = 'The engine accepted the job and then said nothing, not even that it is well.';
  return new OrchError('WORKER_RESET', { message, details: { reason: 'engine_silent', limit_ms: limitMs }, cause });
}
