// SPDX-License-Identifier: MIT
import { OrchError, type WorkerInput, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { parseDirective, type MockFault, type MockScript } from './mock-script.ts';
import { hashText, mix, wordPiece, wordsOf } from './seeded-words.ts';

/** One generation, decided before its first piece. */
export interface MockPlan {
  readonly tokensIn: number;
  readonly pieceCount: number;
  readonly pieceAt: (index: number) => string;
  readonly finishReason: 'stop' | 'length';
  readonly startMs: number;
  readonly delayMs: number;
  readonly burst: number;
  readonly fault: MockFault | undefined;
  readonly faultAt: number;
}

/** What scripts and directives leave out. */
export interface MockDefaults {
  readonly script: ((request: WorkerRequest) => MockScript | undefined) | undefined;
  readonly directives: boolean;
  readonly startMs: number;
  readonly delayMs: number;
  readonly burst: number;
}

const SHORTEST_TEXT = 8;
const LENGTH_SPREAD = 32;

/**
 * Decides a generation from the request alone, unless it is to drift: then the number of the run counts too.
 *
 * @throws OrchError INVALID_PARAMS for a feature the mock does not have or a directive it does not know.
 */
export function planGeneration(request: WorkerRequest, defaults: MockDefaults, runNumber: number): MockPlan {
  refuseUnsupported(request);
  const text = textOf(request.input);
  const directive = defaults.directives ? parseDirective(text) : {};
  const script: MockScript = { ...defaults.script?.(request), ...directive };
  const key = mix(hashText(text) ^ request.sampling.seed);
  const faultAt = script.faultAt ?? (script.fault === 'refuse' || script.fault === 'exhausted' ? 0 : 1);
  const planned = planPieces(request, script, key);
  // ORCH-4105: an engine that does not keep its word gives other text each time.
  const drift = (index: number): string => (index < faultAt ? planned.pieceAt(index) : ` drift-${runNumber}-${index}`);
  return {
    tokensIn: wordsOf(text).length,
    ...planned,
    ...(script.fault === 'drift' ? { pieceAt: drift } : {}),
    startMs: script.startMs ?? defaults.startMs,
    delayMs: script.delayMs ?? defaults.delayMs,
    burst: Math.max(1, script.burst ?? defaults.burst),
    fault: script.fault,
    faultAt,
  };
}

/** Everything a request says to the model, as one text. */
export function textOf(input: WorkerInput): string {
  switch (input.workload) {
    case 'completion':
      return input.prompt;
    case 'chat':
      return input.messages.map(({ role, content }) => `${role} ${content}`).join('\n');
    case 'embedding':
      return input.inputs.join('\n');
    case 'rerank':
      return [input.query, ...input.documents].join('\n');
  }
}

function refuseUnsupported({ input, responseFormat }: WorkerRequest): void {
  if (responseFormat !== undefined) throw unsupported('$.response_format');
  if (input.workload === 'chat' && input.tools.length > 0) throw unsupported('$.tools');
}

function unsupported(field: string): OrchError {
  return new OrchError('INVALID_PARAMS', { message: 'The mock does not have this feature.', details: { field } });
}

function planPieces(
  { maxTokens, sampling }: WorkerRequest,
  { pieces, tokens }: MockScript,
  key: number,
): Pick<MockPlan, 'pieceCount' | 'pieceAt' | 'finishReason'> {
  const naturalCount = tokens ?? pieces?.length ?? SHORTEST_TEXT + (mix(key) % LENGTH_SPREAD);
  const pieceCount = Math.min(naturalCount, maxTokens);
  const pieceAt =
    pieces === undefined || pieces.length === 0
      ? (index: number): string => wordPiece(key, index)
      : (index: number): string => pieces[index % pieces.length] ?? '';
  const stopped = sampling.stop.length === 0 ? undefined : cutAtStop(pieceAt, pieceCount, sampling.stop);
  if (stopped !== undefined)
    return { pieceCount: stopped.length, pieceAt: (i) => stopped[i] ?? '', finishReason: 'stop' };
  return { pieceCount, pieceAt, finishReason: naturalCount > maxTokens ? 'length' : 'stop' };
}

/** The pieces before the first stop text, or undefined when none occurs. */
function cutAtStop(pieceAt: (index: number) => string, count: number, stops: readonly string[]): string[] | undefined {
  const pieces = Array.from({ length: count }, (_, index) => pieceAt(index));
  const text = pieces.join('');
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  if (found.length === 0) return undefined;
  const end = Math.min(...found);
  let at = 0;
  const kept = pieces.map((piece) => {
    const part = piece.slice(0, Math.max(0, end - at));
    at += piece.length;
    return part;
  });
  return kept.filter((part) => part !== '');
}
