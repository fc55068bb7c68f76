// SPDX-License-Identifier: MIT
export { createMockAdapter, type MockAdapterOptions } from './mock-adapter.ts';
export type { MockClock } from './mock-clock.ts';
export { MOCK_FAULTS, type MockFault, type MockScript } from './mock-script.ts';
