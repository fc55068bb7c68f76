// SPDX-License-Identifier: MIT
import type { Workload } from '@llama-orch/worker-adapter-api';

/** What is known of a job's length before it runs. */
export interface JobWork {
  readonly workload: Workload;
  /** The client's guess of its output length. */
  readonly expectedTokens?: number;
  readonly maxTokens: number;
}

/** How long one job held its slot, and why. */
export interface ServiceSample {
  readonly workload: Workload;
  readonly serviceTimeMs: number;
  /** From its start to its first token; the whole service time for a job without one. */
  readonly firstTokenMs: number;
  /** Tokens it generated. */
  readonly tokensOut: number;
  /** Whether it ended at its token limit and would have gone on. */
  readonly isCut: boolean;
  /** What its client had expected. */
  readonly expectedTokens?: number;
}

type Row = readonly [Workload, number, number, number, 0 | 1, number];

/** Samples as text for another process. */
export function writeSamples(samples: readonly ServiceSample[]): string {
  const rows = samples.map(({ workload, serviceTimeMs, firstTokenMs, tokensOut, isCut, expectedTokens = 0 }): Row => [
    workload,
    Math.round(serviceTimeMs * 1000) / 1000,
    Math.round(firstTokenMs * 1000) / 1000,
    tokensOut,
    isCut ? 1 : 0,
    expectedTokens,
  ]);
  return JSON.stringify(rows);
}

/** The samples in a text of {@link writeSamples}; what is not such a sample is left out. */
export function readSamples(text: string): readonly ServiceSample[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    // Statistics that cannot be read are gathered anew.
    return [];
  }
  return Array.isArray(rows) ? rows.flatMap((row: unknown) => (isRow(row) ? [sampleOf(row)] : [])) : [];
}

const WORKLOADS: ReadonlySet<unknown> = new Set<Workload>(['completion', 'chat', 'embedding', 'rerank']);

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row) || row.length !== 6 || !WORKLOADS.has(row[0])) return false;
  return row.slice(1).every((cell) => typeof cell === 'number' && cell >= 0);
}

function sampleOf([workload, serviceTimeMs, firstTokenMs, tokensOut, cut, expectedTokens]: Row): ServiceSample {
  const sample = { workload, serviceTimeMs, firstTokenMs, tokensOut, isCut: cut === 1 };
  return expectedTokens === 0 ? sample : { ...sample, expectedTokens };
}
