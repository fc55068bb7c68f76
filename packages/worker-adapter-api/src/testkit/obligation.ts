// SPDX-License-Identifier: MIT
import type { AdapterFixture, ExerciseCapability } from './adapter-fixture.ts';
import { RecordedRun, type RunOptions } from './recorded-run.ts';
import type { WorkerRequest } from '../worker-request.ts';

/** What a check gets. */
export interface CheckContext {
  readonly fixture: AdapterFixture;
  /** How long anything may take, in milliseconds. */
  readonly limitMs: number;
  /** Starts a run and records it. */
  readonly run: (request: WorkerRequest, options?: RunOptions) => RecordedRun;
}

/** One duty of an adapter and how it is checked. */
export interface Obligation {
  /** Requirement in `specs/adapters.md`. */
  readonly id: string;
  readonly title: string;
  readonly needs: readonly ExerciseCapability[];
  readonly check: (context: CheckContext) => Promise<void>;
}

/** Runs one check on a fixture and disposes it. */
export async function checkObligation(obligation: Obligation, fixture: AdapterFixture, limitMs: number): Promise<void> {
  await using held = fixture;
  await obligation.check({
    fixture: held,
    limitMs,
    run: (request, options = {}) => new RecordedRun(held.adapter, request, { ...options, limitMs }),
  });
}
