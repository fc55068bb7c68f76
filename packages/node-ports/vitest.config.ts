// SPDX-License-Identifier: MIT
import { projectConfig } from '../../vitest.shared.ts';

export default projectConfig('node-ports');
