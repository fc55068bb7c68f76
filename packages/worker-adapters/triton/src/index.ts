// SPDX-License-Identifier: MIT
export type { PropsOptions } from './map-props.ts';
export { createTritonAdapter, type TritonOptions } from './triton-adapter.ts';
