// SPDX-License-Identifier: MIT
export { DurableService, type DurableOptions } from './durable-service.ts';
export { runKillRounds, type KillRoundsOptions, type KillRoundsReport } from './kill-rounds.ts';
export type { KillRoundReport } from './kill-round.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
