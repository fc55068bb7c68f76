// SPDX-License-Identifier: MIT
export type { PropsOptions } from './map-props.ts';
export { createTgiAdapter, type TgiOptions } from './tgi-adapter.ts';
