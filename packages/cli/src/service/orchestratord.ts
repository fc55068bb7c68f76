// SPDX-License-Identifier: MIT
import { fileURLToPath } from 'node:url';

/** How to run the service as a process of its own. */
export interface ServiceCommand {
  /** Path of its main module. */
  readonly main: string;
  /** Options of Node it needs. */
  readonly nodeOptions: readonly string[];
}

const SOURCES = '--conditions=@llama-orch/source';
/** Streams are many small short-lived objects: a small nursery keeps 1,000 of them in two thirds of the memory, as the bin does. */
const SMALL_NURSERY = '--max-semi-space-size=8';

/** The installed service: its build, or its sources where this runs from sources itself. */
export function findOrchestratord(): ServiceCommand {
  // The main module stands beside the library's index in both, so one resolution finds it without a second export.
  const index = import.meta.resolve('@llama-orch/orchestratord');
  const isSource = index.endsWith('.ts');
  const main = fileURLToPath(new URL(isSource ? './main.ts' : './main.js', index));
  return { main, nodeOptions: isSource ? [SMALL_NURSERY, SOURCES] : [SMALL_NURSERY] };
}
