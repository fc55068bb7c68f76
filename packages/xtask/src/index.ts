// SPDX-License-Identifier: MIT
export { createNodesV2 } from './nx-plugin.ts';
