// SPDX-License-Identifier: MIT
import { ServiceUnderTest, type Frame, type SseReader } from '@llama-orch/harness-bdd';
import type { Work } from './workload.ts';

/** What a task writes when nothing happens to it. */
export interface Transcript {
  /** Each token frame from its `event` line on: everything but the id, which belongs to the job. */
  readonly tokens: readonly string[];
  readonly finishReason: unknown;
  readonly outputSha256: unknown;
}

/** The undisturbed run. */
export interface UndisturbedRun {
  /** In the order of the work. */
  readonly transcripts: readonly Transcript[];
  /** From the start of the process until every pool was ready, in milliseconds. */
  readonly readyMs: number;
}

/** Runs the work once on a service that nothing happens to. */
export async function runUndisturbed(
  pool: Readonly<Record<string, unknown>>,
  work: readonly Work[],
): Promise<UndisturbedRun> {
  const startedAtMs = performance.now();
  const service = await ServiceUnderTest.start({ config: { pools: [pool], store: { backend: 'memory' } } });
  try {
    await service.ready();
    const readyMs = performance.now() - startedAtMs;
    const readers: SseReader[] = [];
    for (const body of work) {
      const { status, text, json } = await service.call({ method: 'POST', path: '/v1/tasks', body });
      if (status !== 202) throw new Error(`a task of the undisturbed run was refused: ${text}`);
      readers.push(await service.open(`/v1/tasks/${(json as { task_id: string }).task_id}/stream`));
    }
    const transcripts: Transcript[] = [];
    for (const reader of readers) transcripts.push(transcriptOf((await reader.untilEnd()).stored));
    return { transcripts, readyMs };
  } finally {
    await service.stop();
  }
}

/** The transcript in the stored frames of a whole stream. */
export function transcriptOf(stored: readonly Frame[]): Transcript {
  const { finish_reason: finishReason, receipt } = stored.at(-1)?.data ?? {};
  return {
    tokens: stored.filter(({ event }) => event === 'token').map(withoutId),
    finishReason,
    outputSha256: (receipt as { output_sha256?: string } | undefined)?.output_sha256,
  };
}

function withoutId({ raw }: Frame): string {
  return raw.slice(raw.indexOf('\n') + 1);
}
