// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import type { Outbound, OutboundRequest } from '../outbound/outbound.ts';
import { FollowedDigest } from './follow-digest.ts';
import type { PartFile } from './part-file.ts';
import { beginPieces, takePieces, takeWhole, type DownloadContext } from './take-pieces.ts';
import { pause, StartOver } from './retrying.ts';

/** How a file is downloaded. */
export interface DownloadOptions {
  readonly request: OutboundRequest;
  readonly part: PartFile;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly tuning: DownloadTuning;
  /** Makes room for the file; called before its first byte is stored. @throws OrchError where there is none. */
  readonly reserve: (totalBytes: number) => Promise<void>;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** What a download takes at once, and when it gives up. */
export interface DownloadTuning {
  /** Ranges that come at once. */
  readonly parallelCount: number;
  /** Size of a range. */
  readonly pieceBytes: number;
  /** Bytes that a crash may cost. */
  readonly recordBytes: number;
  /** Failures in a row without a byte in between, and rounds that start over, until it gives up. */
  readonly maxAttempts: number;
  /** Wait before the second attempt, doubled for each further one. */
  readonly retryDelayMs: number;
}

/** What a download does unless it is told otherwise. */
export const DEFAULT_TUNING: DownloadTuning = {
  parallelCount: 4,
  pieceBytes: 32 * 2 ** 20,
  recordBytes: 16 * 2 ** 20,
  maxAttempts: 5,
  retryDelayMs: 500,
};

/** A file that is stored, whole. */
export interface DownloadedFile {
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Downloads what is missing of a file; ORCH-1610. What an earlier call stored is kept where the server confirms, by a strong
 * entity tag, that it still has the same file; else it starts over.
 *
 * @throws OrchError FETCH_REFUSED, FETCH_FAILED, or what `reserve` throws; the reason of `signal` when it aborts.
 */
export async function downloadFile(options: DownloadOptions, signal: AbortSignal): Promise<DownloadedFile> {
  const { part, tuning } = options;
  try {
    for (let round = 1; ; round += 1) {
      try {
        return await takeRound(options, signal);
      } catch (error) {
        if (!(error instanceof StartOver)) throw error;
        await part.forget();
        if (round >= tuning.maxAttempts) throw error.cause;
        await pause(options, round, signal);
      }
    }
  } finally {
    // What came since the last record is worth keeping for the next call.
    await part.record();
  }
}

async function takeRound(options: DownloadOptions, outer: AbortSignal): Promise<DownloadedFile> {
  const round = new AbortController();
  const signal = AbortSignal.any([outer, round.signal]);
  const context: DownloadContext = { ...options, signal };
  const first = await beginPieces(context);
  const { totalBytes } = first.entity;
  const digest = new FollowedDigest(options.part).finish(totalBytes, signal);
  const work = first.isRanged ? takePieces(context, first) : [takeWhole(context, first)];
  try {
    await Promise.all([digest, ...work]);
    return { digest: await digest, sizeBytes: totalBytes };
  } catch (error) {
    round.abort(error);
    await Promise.allSettled([digest, ...work]);
    throw error;
  }
}
