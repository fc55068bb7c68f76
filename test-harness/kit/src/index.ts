// SPDX-License-Identifier: MIT
export { requirementOf, type Requirement } from './requirements.ts';
export { verifies } from './verifies.ts';
export { watchLeaks, type LeakWatch, type LeakWatchOptions } from './watch-leaks.ts';
