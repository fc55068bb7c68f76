// SPDX-License-Identifier: MIT
export type { MaxTokensField, OptionalSamplerField } from './map-request.ts';
export { createOpenaiHttpAdapter, type OpenaiHttpOptions } from './openai-http-adapter.ts';
export type { OpenaiPropsOptions } from './map-props.ts';
