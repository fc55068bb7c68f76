// SPDX-License-Identifier: MIT
export { EngineGeneration, type GenerationRequest } from './engine/engine-generation.ts';
export { HOLD, ScriptedEngine, type ScriptedEngineOptions } from './engine/scripted-engine.ts';
export { writeProofBundle, type ProofBundle } from './proof/proof-bundle.ts';
export { ServiceUnderTest, type LogLine, type ServiceExit, type ServiceOptions } from './service-under-test.ts';
export { call, type HttpAnswer, type HttpCall } from './wire/http-call.ts';
export { samplesOf, sumOf, type Sample } from './wire/metrics-scrape.ts';
export { parseFrame, SseReader, type Frame, type SseOptions } from './wire/sse-reader.ts';
