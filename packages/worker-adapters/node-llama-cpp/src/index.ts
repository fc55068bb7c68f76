// SPDX-License-Identifier: MIT
export { createNodeLlamaCppAdapter, type NodeLlamaCppOptions } from './node-llama-cpp-adapter.ts';
export type { EngineLogLevel } from './engine-protocol.ts';
