// SPDX-License-Identifier: MIT
import type { Frame } from '@llama-orch/harness-bdd';
import { transcriptOf, type Transcript } from './undisturbed-run.ts';

/** What one reader got of one task. */
export interface StreamRecord {
  readonly jobId: string;
  /** Stored frames as they came over the wire, over all connections. */
  readonly stored: readonly Frame[];
  /** Sequence numbers that the client gave out. */
  readonly seenSeqs: readonly number[];
}

/** Everything that is wrong with a stream, compared with the undisturbed one; empty when nothing is. */
export function streamFaults({ jobId, stored, seenSeqs }: StreamRecord, undisturbed: Transcript): readonly string[] {
  const faults: string[] = [];
  const tag = jobId.slice(0, 8);
  for (const [seq, { id }] of stored.entries()) {
    if (id === `${tag}:${seq}`) continue;
    faults.push(`frame ${seq} came with the id ${id} instead of ${tag}:${seq}`);
    break;
  }
  if (stored[0]?.event !== 'started') faults.push('it does not begin with started');
  const last = stored.at(-1);
  if (last?.event !== 'end') faults.push(`it does not end well: ${last?.raw.trim() ?? 'nothing came'}`);
  const gap = seenSeqs.findIndex((seq, index) => seq !== index);
  if (gap >= 0) faults.push(`the client gave out frame ${seenSeqs[gap]} where ${gap} was due`);
  if (seenSeqs.length !== stored.length) {
    faults.push(`the client gave out ${seenSeqs.length} of ${stored.length} frames`);
  }
  return [...faults, ...differences(transcriptOf(stored), undisturbed)];
}

function differences(found: Transcript, wanted: Transcript): readonly string[] {
  const faults: string[] = [];
  const at = wanted.tokens.findIndex((token, index) => found.tokens[index] !== token);
  if (at >= 0) faults.push(`token ${at} differs from the undisturbed run`);
  if (found.tokens.length !== wanted.tokens.length) {
    faults.push(`it has ${found.tokens.length} tokens instead of ${wanted.tokens.length}`);
  }
  if (found.finishReason !== wanted.finishReason) faults.push('its finish reason differs');
  if (found.outputSha256 !== wanted.outputSha256) faults.push('its receipt has another digest');
  return faults;
}

/**
 * The first task that started before one that stands in front of it; undefined when the order was kept.
 *
 * @param starts Task ids in the order in which they started.
 * @param line The same priority's task ids in the order of their admission.
 */
export function overtaker(starts: readonly string[], line: readonly string[]): string | undefined {
  const first = [...new Set(starts)].filter((id) => line.includes(id));
  const wanted = line.filter((id) => first.includes(id));
  return first.find((id, index) => id !== wanted[index]);
}
