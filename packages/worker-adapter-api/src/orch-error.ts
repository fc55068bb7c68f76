// SPDX-License-Identifier: MIT
import { ERROR_TABLE, type ErrorCode } from '@llama-orch/api-types';
import type { JsonObject } from './json-value.ts';

/** When a fault happened, which tells the client what was already spent. */
export type ErrorPhase = 'admission' | 'queued' | 'running' | 'request';

/** What an {@link OrchError} is made from. */
export interface OrchErrorOptions {
  /** One sentence for people; never a prompt, never a secret. */
  readonly message?: string;
  /** Set by core; absent in what an adapter throws. */
  readonly phase?: ErrorPhase;
  /** Milliseconds after which a retry makes sense; left out when unknown. */
  readonly retryAfterMs?: number;
  /** Safe to show to clients; never prompts, never secrets. */
  readonly details?: JsonObject;
  /** For operators only: logged, never serialized. */
  readonly cause?: unknown;
}

const BRAND = Symbol.for('@llama-orch/orch-error');

/**
 * The one error of all packages. Carries a code of the closed vocabulary in `contracts/errors.yaml`.
 * Packages are versioned separately, so test with {@link OrchError.is}, never with `instanceof`.
 */
export class OrchError extends Error {
  readonly [BRAND] = true;
  /** A code of the closed vocabulary. */
  readonly code: ErrorCode;
  /** When it happened; absent in what an adapter throws. */
  readonly phase: ErrorPhase | undefined;
  /** Milliseconds after which a retry makes sense; undefined when unknown. */
  readonly retryAfterMs: number | undefined;
  /** Safe to show to clients. */
  readonly details: JsonObject;

  constructor(code: ErrorCode, options: OrchErrorOptions = {}) {
    super(
      options.message ?? ERROR_TABLE[code].meaning,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'OrchError';
    this.code = code;
    this.phase = options.phase;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }

  /** Whether the same request may succeed later without a change. */
  get retriable(): boolean {
    return ERROR_TABLE[this.code].retriable;
  }

  /** The same fault seen in another phase; an error that has a phase keeps it. */
  inPhase(phase: ErrorPhase): OrchError {
    if (this.phase !== undefined) return this;
    return new OrchError(this.code, {
      message: this.message,
      phase,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      details: this.details,
      cause: this.cause ?? this,
    });
  }

  /** True for an OrchError of any installed copy of this package. */
  static is(value: unknown): value is OrchError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** An OrchError as it is; anything else becomes one of `fallback`, with the original as cause. */
  static from(value: unknown, fallback: ErrorCode): OrchError {
    return OrchError.is(value) ? value : new OrchError(fallback, { cause: value });
  }
}
