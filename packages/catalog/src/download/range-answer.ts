// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { failed } from '../outbound/outbound-fault.ts';
import type { OutboundResponse } from '../outbound/outbound.ts';
import type { ByteRange } from './byte-ranges.ts';
import type { Entity } from './part-file.ts';

/** What an answer to a request for a range turned out to be. */
export type RangeAnswer =
  /** The bytes that were asked for, and the file they belong to. */
  | { readonly kind: 'range'; readonly entity: Entity }
  /** The whole file: the server knows no ranges, or the file is not the one that was asked for. */
  | { readonly kind: 'whole'; readonly entity: Entity };

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/;

/**
 * Reads the head of an answer to `asked`.
 *
 * @throws OrchError FETCH_FAILED with the status, or `protocol` when the server contradicts itself.
 */
export function readRangeAnswer(response: OutboundResponse, asked: ByteRange): RangeAnswer {
  const { status, headers } = response;
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    throw failed('protocol', 'The server sends the file in a content coding.');
  }
  const etag = strongTag(headers['etag']);
  if (status === 206) return { kind: 'range', entity: { etag, totalBytes: totalOf(headers['content-range'], asked) } };
  if (status === 200) {
    const length = headers['content-length'];
    if (typeof length !== 'string' || !/^\d+$/.test(length)) {
      throw failed('protocol', 'The server does not say how long the file is.');
    }
    return { kind: 'whole', entity: { etag, totalBytes: Number(length) } };
  }
  if (status === 416) throw failed('changed', 'The server has no such range of the file.');
  throw statusFault(status);
}

/** The fault of an answer that is neither a file nor a part of one. */
export function statusFault(status: number): OrchError {
  const isBusy = status >= 500 || status === 429 || status === 408;
  return new OrchError('FETCH_FAILED', {
    message: `The server answered ${status}.`,
    details: { reason: isBusy ? 'busy' : 'status', status },
  });
}

/** Only a strong tag proves that two ranges belong to the same bytes; RFC 9110, 13.1.5. */
function strongTag(etag: string | string[] | undefined): string | undefined {
  return typeof etag === 'string' && /^"[^"]*"$/.test(etag) ? etag : undefined;
}

function totalOf(header: string | string[] | undefined, { start, end }: ByteRange): number {
  const [, first, last, total] = CONTENT_RANGE.exec(String(header)) ?? [];
  const totalBytes = Number(total);
  const isAsked = Number(first) === start && Number(last) === Math.min(end, totalBytes) - 1;
  if (!isAsked || !Number.isSafeInteger(totalBytes)) {
    throw failed('protocol', 'The server sends another range than was asked for.');
  }
  return totalBytes;
}
