// SPDX-License-Identifier: MIT
export type { ChunkSink, HttpAnswer } from './http-exchange.ts';
export type { HttpRequest } from './http-request.ts';
export { createHttpTransport, type HttpTransport, type HttpTransportOptions } from './http-transport.ts';
export {
  connectionFault,
  protocolFault,
  statusFault,
  timeoutFault,
  type ProtocolBreach,
  type TimeLimit,
} from './map-http-fault.ts';
export { SseDecoder, type SseDecoderOptions, type SseEventSink } from './sse-decoder.ts';
export { Utf8Stream } from './utf8-stream.ts';
