// SPDX-License-Identifier: MIT
import { projectConfig } from '../../vitest.shared.ts';

// One file at a time: clients, service and engine take what a small machine has, and faults fall by its clock.
export default projectConfig('harness-chaos', { maxWorkers: 1 });
