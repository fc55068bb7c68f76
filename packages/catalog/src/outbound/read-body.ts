// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { failed } from './outbound-fault.ts';
import type { OutboundPolicy } from './outbound-policy.ts';
import type { OutboundResponse } from './outbound.ts';

/** How a body is watched while it comes. */
export interface ReadRules {
  readonly policy: Pick<OutboundPolicy, 'idleTimeoutMs' | 'rateWindowMs' | 'minBytesPerSecond'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The pieces of a body. A silence, a rate below the least one and a connection that goes each end it with a fault of their
 * own; leaving the loop ends the connection.
 *
 * @throws OrchError FETCH_FAILED `timeout`, `too_slow` or `connection_lost`; the reason of `signal` when it aborts.
 */
export async function* readBody({ message }: OutboundResponse, rules: ReadRules): AsyncGenerator<Buffer, void> {
  const { policy, clock, signal } = rules;
  let fault: unknown;
  const stop = (reason: unknown): void => {
    fault ??= reason;
    message.destroy();
  };
  const onAbort = (): void => stop(signal.reason);
  let pieceCount = 0;
  // Where this process stood still, what came meanwhile lies in the socket; it is read before the server is blamed.
  const onSilence = (): void => {
    const seenCount = pieceCount;
    setImmediate(() => {
      if (pieceCount === seenCount) stop(failed('timeout', 'The server sent nothing for too long.'));
    });
  };
  let silence = clock.setTimer(policy.idleTimeoutMs, onSilence);
  const rate = watchRate(rules, () => stop(failed('too_slow', 'The server sends too slowly.')));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    for await (const piece of message as AsyncIterable<Buffer>) {
      // The time that the disk takes is not the server's.
      silence.cancel();
      pieceCount += 1;
      rate.count(piece.length);
      yield piece;
      silence = clock.setTimer(policy.idleTimeoutMs, onSilence);
    }
    if (fault !== undefined) throw fault as Error;
  } catch (error) {
    throw fault ?? asFault(error);
  } finally {
    silence.cancel();
    rate.stop();
    signal.removeEventListener('abort', onAbort);
    message.destroy();
  }
}

function watchRate({ policy, clock }: ReadRules, onSlow: () => void): { count(bytes: number): void; stop(): void } {
  const leastBytes = (policy.minBytesPerSecond * policy.rateWindowMs) / 1_000;
  let bytes = 0;
  let lastLook: NodeJS.Immediate | undefined;
  const look = (): void => {
    if (bytes < leastBytes) return onSlow();
    bytes = 0;
    timer = clock.setTimer(policy.rateWindowMs, onTimer);
  };
  const onTimer = (): void => {
    lastLook = setImmediate(look);
  };
  let timer = clock.setTimer(policy.rateWindowMs, onTimer);
  return {
    count(more) {
      bytes += more;
    },
    stop() {
      timer.cancel();
      clearImmediate(lastLook);
    },
  };
}

function asFault(fault: unknown): unknown {
  if (OrchError.is(fault)) return fault;
  const isSocketFault = fault instanceof Error && 'code' in fault;
  return isSocketFault ? failed('connection_lost', 'The connection was lost before the end.', fault) : fault;
}
