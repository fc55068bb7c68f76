// SPDX-License-Identifier: MIT
export { GaugedRuns, type GaugedRun, type GaugedRunsOptions } from './gauged-runs.ts';
export type { ChunkSink, HttpAnswer } from './http-exchange.ts';
export type { HttpRequest, SilenceCheck } from './http-request.ts';
export { createHttpTransport, type HttpTransport, type HttpTransportOptions } from './http-transport.ts';
export {
  endOfJsonString,
  hasPrefix,
  indexOfKey,
  jsonStringBetween,
  numberAfterKey,
  type ByteRange,
} from './json-cut.ts';
export { countOf, isObject, numberOf, parseJson, textOf } from './json.ts';
export {
  connectionFault,
  protocolFault,
  statusFault,
  timeoutFault,
  type ProtocolBreach,
  type StatusRefusal,
  type TimeLimit,
} from './map-http-fault.ts';
export { readEmbeddings, readScores, type OpenAiAnswer } from './openai-answers.ts';
export { toOpenAiMessages, toOpenAiResponseFormat, toOpenAiTools } from './openai-bodies.ts';
export { OpenAiStream, type OpenAiStreamEnd, type OpenAiStreamOptions, type OpenAiUsage } from './openai-stream.ts';
export { readSamples, sumSamples, type MetricSample } from './prometheus-text.ts';
export { proveReleased, type ReleaseQuestion, type Sight } from './prove-released.ts';
export { refusal, refuseDenied } from './refuse-denied.ts';
export { RunGate, type GatedRun } from './run-gate.ts';
export { SseDecoder, type SseEvent } from './sse-decoder.ts';
export { StopCutter } from './stop-cutter.ts';
