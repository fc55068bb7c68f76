// SPDX-License-Identifier: MIT
export { createLlamacppHttpAdapter, type LlamacppHttpOptions } from './llamacpp-http-adapter.ts';
export type { PropsOptions } from './map-props.ts';
