// SPDX-License-Identifier: MIT
export { haikuTask, runTimeWords, type HaikuTask, type RunTimeWords } from './haiku-task.ts';
export { requireRealEngine } from './require-real-engine.ts';
export { ServiceProcess } from './service-process.ts';
