// SPDX-License-Identifier: MIT
import type { AcquireAdapter, ExerciseCapability } from './adapter-fixture.ts';
import { lifecycleObligations } from './lifecycle-obligations.ts';
import { checkObligation, type Obligation } from './obligation.ts';
import { runObligations } from './run-obligations.ts';

/** The `test` function of a runner: that of vitest, node:test and others fits. */
export interface ExerciseTest {
  (title: string, body: () => Promise<void>): unknown;
  readonly skip: (title: string, body: () => Promise<void>) => unknown;
}

/** Settings of {@link exerciseAdapter}. */
export interface ExerciseOptions {
  /** Capabilities the fixture lacks, each with the reason. */
  readonly lacks?: Readonly<Partial<Record<ExerciseCapability, string>>>;
  /** How long anything an adapter does may take, in milliseconds. Default 10,000. */
  readonly limitMs?: number;
}

const DEFAULT_LIMIT_MS = 30_000;

/** Every obligation of `WorkerAdapter`, in the order of the requirements. */
export const adapterObligations: readonly Obligation[] = [...runObligations, ...lifecycleObligations].sort((a, b) =>
  a.id.localeCompare(b.id),
);

/**
 * Registers one test per obligation of `WorkerAdapter`, each on a fixture of its own, for any runner and any adapter:
 *
 *     exerciseAdapter(test, () => acquireMyAdapter(), { lacks: { outage: 'runs in process' } });
 *
 * Titles begin with the requirement id. What the fixture lacks is registered as skipped, with the reason.
 */
export function exerciseAdapter(test: ExerciseTest, acquire: AcquireAdapter, options: ExerciseOptions = {}): void {
  const { lacks = {}, limitMs = DEFAULT_LIMIT_MS } = options;
  for (const obligation of adapterObligations) {
    const title = `${obligation.id} ${obligation.title}`;
    const body = async (): Promise<void> => checkObligation(obligation, await acquire(), limitMs);
    const reason = obligation.needs.map((capability) => lacks[capability]).find((text) => text !== undefined);
    // ORCH-4020: what is left out stays visible, with its reason.
    if (reason === undefined) test(title, body);
    else test.skip(`${title} (left out: ${reason})`, body);
  }
}
