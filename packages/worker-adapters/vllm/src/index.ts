// SPDX-License-Identifier: MIT
export { createVllmAdapter, type VllmOptions } from './vllm-adapter.ts';
export type { VllmPropsOptions } from './map-props.ts';
