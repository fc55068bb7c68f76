// SPDX-License-Identifier: MIT
export { tinyModelDigest, tinyModelPath } from './tiny-model.ts';
export { createRandomGguf, type RandomGgufOptions } from './create-random-gguf.ts';
export { toolCallScript, toolTemplate } from './tool-template.ts';
