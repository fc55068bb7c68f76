// SPDX-License-Identifier: MIT
// Generated from contracts/errors.yaml by `npm run xtask -- generate`. Do not edit.

/** One row of the closed error vocabulary. */
export interface ErrorRow {
  readonly phases: readonly ('admission' | 'queued' | 'running' | 'request')[];
  readonly http: number;
  readonly retriable: boolean;
  readonly meaning: string;
}

/** The closed vocabulary of error codes. */
export const ERROR_TABLE = {
  INVALID_PARAMS: {
    phases: ['admission', 'request', 'running'],
    http: 400,
    retriable: false,
    meaning: 'A field is missing',
  },
  ADMISSION_REJECT: {
    phases: ['admission'],
    http: 429,
    retriable: true,
    meaning: 'The queue of this pool and priority is full; nothing was stored.',
  },
  QUEUE_FULL_DROP_LRU: {
    phases: ['queued'],
    http: 429,
    retriable: true,
    meaning: 'The task waited longest in the lowest priority and was evicted to make room.',
  },
  RATE_LIMITED: {
    phases: ['admission', 'request'],
    http: 429,
    retriable: true,
    meaning: "The caller's own share is used up.",
  },
  BUDGET_EXHAUSTED: {
    phases: ['admission'],
    http: 429,
    retriable: false,
    meaning: 'The session or key has no budget left for this task.',
  },
  DEADLINE_UNMET: {
    phases: ['admission', 'queued'],
    http: 422,
    retriable: false,
    meaning: 'The deadline cannot be met',
  },
  MODEL_DEPRECATED: {
    phases: ['admission'],
    http: 410,
    retriable: false,
    meaning: 'The model was retired from the catalog.',
  },
  UNTRUSTED_ARTIFACT: {
    phases: ['request'],
    http: 422,
    retriable: false,
    meaning: 'A model or artifact failed its digest',
  },
  POOL_UNREADY: {
    phases: ['admission', 'queued'],
    http: 503,
    retriable: true,
    meaning: 'The pool exists and is loading',
  },
  POOL_UNAVAILABLE: {
    phases: ['admission'],
    http: 404,
    retriable: false,
    meaning: 'No pool serves this pool id',
  },
  REPLICA_EXHAUSTED: {
    phases: ['admission', 'queued', 'running'],
    http: 503,
    retriable: true,
    meaning: 'No replica has the memory or the slots for this task.',
  },
  DECODE_TIMEOUT: {
    phases: ['running'],
    http: 504,
    retriable: true,
    meaning: 'The engine gave no token in time and the job was aborted.',
  },
  WORKER_RESET: {
    phases: ['running'],
    http: 502,
    retriable: true,
    meaning: 'The engine failed or restarted while the job ran.',
  },
  SESSION_LIMIT: {
    phases: ['admission'],
    http: 409,
    retriable: false,
    meaning: 'The session has used all its turns.',
  },
  TASK_CONFLICT: {
    phases: ['admission', 'request'],
    http: 409,
    retriable: false,
    meaning: 'The task id belongs to another request',
  },
  STREAM_GAP: {
    phases: ['request', 'running'],
    http: 410,
    retriable: false,
    meaning: 'Frames after the given event id are no longer held; the stream cannot be continued without a gap.',
  },
  NOT_FOUND: {
    phases: ['request'],
    http: 404,
    retriable: false,
    meaning: 'There is no such route',
  },
  METHOD_NOT_ALLOWED: {
    phases: ['request'],
    http: 405,
    retriable: false,
    meaning: 'The route exists',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    phases: ['request'],
    http: 415,
    retriable: false,
    meaning: 'The body is not application/json in UTF-8 without a content coding.',
  },
  MISSING_TOKEN: {
    phases: ['request'],
    http: 401,
    retriable: false,
    meaning: 'This service needs a bearer token.',
  },
  BAD_TOKEN: {
    phases: ['request'],
    http: 403,
    retriable: false,
    meaning: 'The bearer token is not known.',
  },
  FOREIGN_ORIGIN: {
    phases: ['request'],
    http: 403,
    retriable: false,
    meaning: 'The Host or Origin header names a site that may not drive this service.',
  },
  PAYLOAD_TOO_LARGE: {
    phases: ['request'],
    http: 413,
    retriable: false,
    meaning: 'The body is larger or deeper than the limit; details.limit tells it.',
  },
  TOO_MANY_STREAMS: {
    phases: ['request'],
    http: 503,
    retriable: true,
    meaning: 'All stream connections of this service are in use.',
  },
  INTERNAL: {
    phases: ['admission', 'queued', 'running', 'request'],
    http: 500,
    retriable: true,
    meaning: 'A fault of the service; the correlation id finds it in the log.',
  },
} as const satisfies Record<string, ErrorRow>;

/** A code of the closed vocabulary. */
export type ErrorCode = keyof typeof ERROR_TABLE;
