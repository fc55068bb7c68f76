// SPDX-License-Identifier: MIT
export type { AcquireAdapter, AdapterFixture, EngineObserver, ExerciseCapability } from './adapter-fixture.ts';
export { adapterObligations, exerciseAdapter, type ExerciseOptions, type ExerciseTest } from './exercise-adapter.ts';
export { checkObligation, type CheckContext, type Obligation } from './obligation.ts';
export { RecordedRun, type RunOutcome } from './recorded-run.ts';
