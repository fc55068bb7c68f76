// SPDX-License-Identifier: MIT
import { failed, isPassing } from '../outbound/outbound-fault.ts';
import type { OutboundResponse } from '../outbound/outbound.ts';
import { readBody } from '../outbound/read-body.ts';
import type { ByteRange } from './byte-ranges.ts';
import type { DownloadOptions } from './download-file.ts';
import type { Entity } from './part-file.ts';
import { readRangeAnswer } from './range-answer.ts';
import { retrying, StartOver } from './retrying.ts';

/** One round of a download. */
export interface DownloadContext extends DownloadOptions {
  readonly signal: AbortSignal;
}

/** How a round begins. */
export interface FirstAnswer {
  readonly entity: Entity;
  /** Whether the file comes in ranges, of which `response` is the first that is missing. */
  readonly isRanged: boolean;
  /** Absent where nothing is missing. */
  readonly response?: OutboundResponse;
}

/** Asks for the first missing piece, and finds out what the server can; nothing is stored before there is room for all. */
export async function beginPieces(context: DownloadContext): Promise<FirstAnswer> {
  const { part, reserve, signal, tuning } = context;
  const { entity } = part;
  if (entity !== undefined) {
    await reserve(entity.totalBytes);
    const [next] = part.ranges.missing(entity.totalBytes, tuning.pieceBytes);
    if (next === undefined) return { entity, isRanged: true };
    const response = await retrying(context, signal, () => openPiece(context, next, entity));
    return { entity, isRanged: true, response };
  }
  const first = await retrying(context, signal, () => askFresh(context));
  try {
    await reserve(first.entity.totalBytes);
    await part.begin(first.entity);
    return first;
  } catch (error) {
    first.response.message.destroy();
    throw error;
  }
}

/** Takes what is missing, several pieces at a time, the first ones first so that the digest can follow. */
export function takePieces(context: DownloadContext, { entity, response }: FirstAnswer): readonly Promise<void>[] {
  const { part, tuning } = context;
  const queue = [...part.ranges.missing(entity.totalBytes, tuning.pieceBytes)];
  const take = async (opened: OutboundResponse | undefined): Promise<void> => {
    let answered = opened;
    for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
      await takePiece(context, { piece, entity, answered });
      answered = undefined;
    }
  };
  return Array.from({ length: tuning.parallelCount }, (_, index) => take(index === 0 ? response : undefined));
}

/** Takes a file from a server that knows no ranges: when it breaks off, all of it was in vain. */
export async function takeWhole(context: DownloadContext, { entity, response }: FirstAnswer): Promise<void> {
  if (response === undefined) return;
  try {
    await store(context, { response, range: { start: 0, end: entity.totalBytes } });
  } catch (error) {
    throw isPassing(error) ? new StartOver(error) : error;
  }
}

interface PieceWork {
  readonly piece: ByteRange;
  readonly entity: Entity;
  /** The answer, where the piece has been asked for already. */
  readonly answered: OutboundResponse | undefined;
}

async function takePiece(context: DownloadContext, { piece, entity, answered }: PieceWork): Promise<void> {
  let start = piece.start;
  let opened = answered;
  await retrying(context, context.signal, async (onProgress) => {
    const rest = { start, end: piece.end };
    const response = opened ?? (await openPiece(context, rest, entity));
    opened = undefined;
    const onStored = (storedBytes: number): void => {
      start += storedBytes;
      onProgress();
    };
    await store(context, { response, range: rest, onStored });
  });
}

interface Arriving {
  readonly response: OutboundResponse;
  readonly range: ByteRange;
  readonly onStored?: (storedBytes: number) => void;
}

async function store(context: DownloadContext, { response, range, onStored }: Arriving): Promise<void> {
  const { part, onProgress, outbound, clock, signal } = context;
  let position = range.start;
  for await (const bytes of readBody(response, { policy: outbound.policy, clock, signal })) {
    if (position + bytes.length > range.end) throw failed('protocol', 'The server sends more than it was asked for.');
    await part.write(bytes, position);
    position += bytes.length;
    onStored?.(bytes.length);
    onProgress(part.ranges.sizeBytes, part.entity?.totalBytes ?? range.end);
  }
  if (position < range.end) throw failed('truncated', 'The server ended the file too early.');
}

/** A piece of a file that is known; ORCH-1610: only of the same entity. */
async function openPiece(context: DownloadContext, range: ByteRange, entity: Entity): Promise<OutboundResponse> {
  const response = await ask(context, range, entity.etag);
  try {
    const answer = readRangeAnswer(response, range);
    const isSame = answer.kind === 'range' && answer.entity.etag === entity.etag;
    if (isSame && answer.entity.totalBytes === entity.totalBytes) return response;
  } catch (error) {
    response.message.destroy();
    throw response.status === 416 ? new StartOver(error) : error;
  }
  response.message.destroy();
  throw new StartOver(failed('changed', 'The file has changed on the server while it was downloaded.'));
}

/** A file of which nothing is known: in ranges where the server can and names the file by a strong tag, else whole. */
async function askFresh(context: DownloadContext): Promise<FirstAnswer & { readonly response: OutboundResponse }> {
  const range = { start: 0, end: context.tuning.pieceBytes };
  const first = await ask(context, range, undefined);
  try {
    const answer = readRangeAnswer(first, range);
    if (answer.kind === 'whole') return { entity: answer.entity, isRanged: false, response: first };
    if (answer.entity.etag !== undefined) return { entity: answer.entity, isRanged: true, response: first };
  } catch (error) {
    first.message.destroy();
    throw error;
  }
  first.message.destroy();
  return askWhole(context);
}

async function askWhole(context: DownloadContext): Promise<FirstAnswer & { readonly response: OutboundResponse }> {
  const response = await context.outbound.open(context.request, context.signal);
  try {
    const answer = readRangeAnswer(response, { start: 0, end: Number.MAX_SAFE_INTEGER });
    return { entity: answer.entity, isRanged: false, response };
  } catch (error) {
    response.message.destroy();
    throw error;
  }
}

function ask(context: DownloadContext, range: ByteRange, etag: string | undefined): Promise<OutboundResponse> {
  const headers = {
    Range: `bytes=${range.start}-${range.end - 1}`,
    ...(etag === undefined ? {} : { 'If-Range': etag }),
  };
  return context.outbound.open(
    { ...context.request, headers: { ...context.request.headers, ...headers } },
    context.signal,
  );
}
