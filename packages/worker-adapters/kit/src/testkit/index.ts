// SPDX-License-Identifier: MIT
export { collectRun, faultOf, type CollectedRun } from './collect-run.ts';
export { startLlamaServer, type LlamaServer } from './llama-server.ts';
export {
  startOpenAiEngine,
  type ControlAnswer,
  type OpenAiEngine,
  type OpenAiEngineOptions,
  type OpenAiEngineView,
} from './openai-engine.ts';
export { bodyOf, eventsOf, jsonAnswer, rawAnswer, streamAnswer } from './raw-answers.ts';
export { answerGeneration, type GenerationBytes } from './generation-answers.ts';
export { startReplayServer, type ReplayAnswer, type ReplayServer, type SeenRequest } from './replay-server.ts';
export { PLAIN_SAMPLING, requestOf } from './request-of.ts';
