// SPDX-License-Identifier: MIT
import { projectConfig } from '../../vitest.shared.ts';

// One file at a time: what is measured has the machine for itself.
export default projectConfig('harness-bench', { maxWorkers: 1 });
