// SPDX-License-Identifier: MIT
import type { HttpTransport, SilenceCheck } from '@llama-orch/adapter-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';

/**
 * Finds out whether an engine that has accepted a request is there at all: one that computes a long prompt is silent too,
 * but says that it is well when it is asked.
 *
 * @param limitMs Within this time the engine says something, or is given up.
 */
export function createSilenceCheck(transport: HttpTransport, limitMs: number): SilenceCheck {
  const question = { method: 'GET', path: '/health', headersTimeoutMs: limitMs / 2 } as const;
  return {
    afterMs: limitMs / 2,
    async ask(signal) {
      try {
        await transport.call(question, signal);
      } catch (cause) {
        // ORCH-1292: neither the job nor the question was answered.
        throw silent(limitMs, cause);
      }
    },
  };
}

function silent(limitMs: number, cause: unknown): OrchError {
  const message = 'The engine accepted the job and then said nothing, not even that it is well.';
  return new OrchError('WORKER_RESET', { message, details: { reason: 'engine_silent', limit_ms: limitMs }, cause });
}
