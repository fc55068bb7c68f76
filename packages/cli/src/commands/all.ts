// SPDX-License-Identifier: MIT
import type { AddCommand } from '../run-cli.ts';
import { addArtifacts } from './artifacts.ts';
import { addKeys } from './keys.ts';
import { addModels } from './models.ts';
import { addCapabilities, addPools } from './pools.ts';
import { addReplay } from './replay.ts';
import { addRun } from './run.ts';
import { addCheck, addDoctor, addServe } from './service.ts';
import { addBackup, addRestore, addStore } from './store.ts';
import { addCancel, addPriority, addPs, addTasks } from './tasks.ts';

/** Every command, in the order help lists them. */
export const COMMANDS: readonly AddCommand[] = [
  addServe,
  addRun,
  addPs,
  addTasks,
  addCancel,
  addPriority,
  addReplay,
  addArtifacts,
  addPools,
  addCapabilities,
  addModels,
  addStore,
  addBackup,
  addRestore,
  addKeys,
  addCheck,
  addDoctor,
];
