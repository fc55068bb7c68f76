// SPDX-License-Identifier: MIT
// Generated from contracts/errors.yaml by: npm run xtask regen-errors

/** The closed vocabulary of error codes. */
export type ErrorCode =
  | 'INVALID_PARAMS'
  | 'ADMISSION_REJECT'
  | 'QUEUE_FULL_DROP_LRU'
  | 'RATE_LIMITED'
  | 'BUDGET_EXHAUSTED'
  | 'DEADLINE_UNMET'
  | 'MODEL_DEPRECATED'
  | 'UNTRUSTED_ARTIFACT'
  | 'POOL_UNREADY'
  | 'POOL_UNAVAILABLE'
  | 'REPLICA_EXHAUSTED'
  | 'DECODE_TIMEOUT'
  | 'WORKER_RESET'
  | 'TASK_POISONED'
  | 'SESSION_LIMIT'
  | 'TASK_CONFLICT'
  | 'STREAM_GAP'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'MISSING_TOKEN'
  | 'BAD_TOKEN'
  | 'FOREIGN_ORIGIN'
  | 'PAYLOAD_TOO_LARGE'
  | 'HEADERS_TOO_LARGE'
  | 'REQUEST_TIMEOUT'
  | 'TOO_MANY_STREAMS'
  | 'STORE_UNAVAILABLE'
  | 'MEMORY_PRESSURE'
  | 'RELOAD_FAILED'
  | 'FETCH_REFUSED'
  | 'FETCH_FAILED'
  | 'DISK_BUDGET_EXCEEDED'
  | 'INTERNAL';

/** What the contract says about one error code. */
export interface ErrorRow {
  /** When it can happen. */
  readonly phases: readonly ('admission' | 'queued' | 'request' | 'running')[];
  /** HTTP status of the problem body. */
  readonly http: number;
  /** Whether the same request may succeed later without a change. */
  readonly retriable: boolean;
  /** One line for people. */
  readonly meaning: string;
}

/** Every error code with its phases, status and meaning. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = {
  INVALID_PARAMS: {
    phases: ['admission', 'request', 'running'],
    http: 400,
    retriable: false,
    meaning: 'A field is missing, unknown, of the wrong type or out of range; details.field names it.',
  },
  ADMISSION_REJECT: {
    phases: ['admission', 'request'],
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
    meaning: 'The deadline cannot be met, or it passed while the task waited.',
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
    meaning: 'A model or artifact failed its digest, signature or trust policy.',
  },
  POOL_UNREADY: {
    phases: ['admission', 'queued'],
    http: 503,
    retriable: true,
    meaning: 'The pool exists and is loading, draining or restarting.',
  },
  POOL_UNAVAILABLE: {
    phases: ['admission'],
    http: 404,
    retriable: false,
    meaning: 'No pool serves this pool id, model, engine or workload.',
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
  TASK_POISONED: {
    phases: ['running'],
    http: 422,
    retriable: false,
    meaning: 'Every attempt of the job took its engine down; it is not tried again.',
  },
  SESSION_LIMIT: { phases: ['admission'], http: 409, retriable: false, meaning: 'The session has used all its turns.' },
  TASK_CONFLICT: {
    phases: ['admission', 'request'],
    http: 409,
    retriable: false,
    meaning: 'The task id belongs to another request, or the event id to another job.',
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
    meaning: 'There is no such route, task, session or pool.',
  },
  METHOD_NOT_ALLOWED: {
    phases: ['request'],
    http: 405,
    retriable: false,
    meaning: 'The route exists, the method does not.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    phases: ['request'],
    http: 415,
    retriable: false,
    meaning: 'The body is not application/json in UTF-8 without a content coding.',
  },
  MISSING_TOKEN: { phases: ['request'], http: 401, retriable: false, meaning: 'This service needs a bearer token.' },
  BAD_TOKEN: { phases: ['request'], http: 403, retriable: false, meaning: 'The bearer token is not known.' },
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
  HEADERS_TOO_LARGE: {
    phases: ['request'],
    http: 431,
    retriable: false,
    meaning: 'The request line and headers are larger than the limit; details.limit tells it.',
  },
  REQUEST_TIMEOUT: {
    phases: ['request'],
    http: 408,
    retriable: true,
    meaning: 'The request did not arrive in time; nothing changed.',
  },
  TOO_MANY_STREAMS: {
    phases: ['request'],
    http: 503,
    retriable: true,
    meaning: 'All stream connections of this service are in use.',
  },
  STORE_UNAVAILABLE: {
    phases: ['admission', 'request'],
    http: 503,
    retriable: true,
    meaning:
      'The store of this service cannot write now: its disk is full or failing, or too much waits to be written.',
  },
  MEMORY_PRESSURE: {
    phases: ['request'],
    http: 503,
    retriable: true,
    meaning: 'The service is short of memory: it takes nothing new until running jobs have given some back.',
  },
  RELOAD_FAILED: {
    phases: ['request'],
    http: 502,
    retriable: false,
    meaning: 'The new model could not take over; the pool serves on as before.',
  },
  FETCH_REFUSED: {
    phases: ['request'],
    http: 403,
    retriable: false,
    meaning: 'The outbound policy does not allow this fetch; details.reason tells why.',
  },
  FETCH_FAILED: {
    phases: ['request'],
    http: 502,
    retriable: true,
    meaning: 'The server that holds a model failed, was too slow, or sent something else; details.reason tells what.',
  },
  DISK_BUDGET_EXCEEDED: {
    phases: ['request'],
    http: 507,
    retriable: false,
    meaning: 'The models folder has no room for this model, and nothing in it may be removed.',
  },
  INTERNAL: {
    phases: ['admission', 'queued', 'running', 'request'],
    http: 500,
    retriable: true,
    meaning: 'A fault of the service; the correlation id finds it in the log.',
  },
};
