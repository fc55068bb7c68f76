// SPDX-License-Identifier: MIT
export { findLlamaServer } from './find-llama-server.ts';
export { propertyRun } from './property-run.ts';
export { requirementOf, type Requirement } from './requirements.ts';
export { verifies } from './verifies.ts';
export { watchLeaks, type LeakWatch, type LeakWatchOptions } from './watch-leaks.ts';
