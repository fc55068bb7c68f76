// SPDX-License-Identifier: MIT
import { parseFrame, type Frame } from '@llama-orch/harness-bdd';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { overtaker, streamFaults, type StreamRecord } from './stream-faults.ts';
import { transcriptOf } from './undisturbed-run.ts';

const JOB = '1a2b3c4d-0000-4000-8000-000000000000';

const TAG = '1a2b3c4d';

function frame(seq: number, event: string, data: object): Frame {
  return parseFrame(`id: ${TAG}:${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

const END = { finish_reason: 'stop', receipt: { output_sha256: 'abc' } };

function whole(): Frame[] {
  return [
    frame(0, 'started', {}),
    frame(1, 'token', { t: 'a', i: 0 }),
    frame(2, 'token', { t: 'b', i: 1 }),
    frame(3, 'end', END),
  ];
}

function faultsOf(stored: readonly Frame[], fields: Partial<StreamRecord> = {}): readonly string[] {
  return streamFaults({ jobId: JOB, stored, seenSeqs: stored.map((_, seq) => seq), ...fields }, transcriptOf(whole()));
}

verifies('ORCH-1340', 'a whole stream has no fault, and every kind of damage is one', () => {
  const [started, first, second, end] = whole() as [Frame, Frame, Frame, Frame];
  const damaged: Record<string, readonly Frame[]> = {
    'a doubled token': [started, first, first, second, end],
    'a missing token': [started, first, end],
    'a swapped pair': [started, second, first, end],
    'another text': [started, first, frame(2, 'token', { t: 'x', i: 1 }), end],
    'no end': [started, first, second],
    'an error': [started, first, second, frame(3, 'error', { code: 'WORKER_RESET' })],
    'a second start': [started, started, first, second, end],
    'another job': whole().map(({ raw }) => parseFrame(raw.replace(TAG, 'ffffffff'))),
    'another digest': [started, first, second, frame(3, 'end', { ...END, receipt: { output_sha256: 'abd' } })],
    'another reason': [started, first, second, frame(3, 'end', { ...END, finish_reason: 'length' })],
    nothing: [],
  };
  expect(faultsOf(whole())).toEqual([]);
  for (const [name, frames] of Object.entries(damaged)) expect(faultsOf(frames), name).not.toEqual([]);
  expect(faultsOf(whole(), { seenSeqs: [0, 1, 3] })).not.toEqual([]);
});

verifies('ORCH-1340', 'a task that starts before one that stands in front of it is named', () => {
  expect(overtaker(['a', 'b', 'c'], ['a', 'b', 'c'])).toBeUndefined();
  expect(overtaker(['a', 'x', 'a', 'b'], ['a', 'b', 'c'])).toBeUndefined();
  expect(overtaker(['a', 'c', 'b'], ['a', 'b', 'c'])).toBe('c');
});
