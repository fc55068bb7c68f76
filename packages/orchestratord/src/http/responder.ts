// SPDX-License-Identifier: MIT
import type { Logger } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { placeOf } from '../telemetry/place-of.ts';
import { sendAnswer, type HeaderList } from './answer.ts';
import { problem } from './problem.ts';
import { refusal } from './refusal.ts';
import type { Arrival, Route } from './route.ts';

/** The request that met a fault, and the operation it was for where that is known. */
export type FaultPlace = Arrival & { readonly route?: string };

/** Answers requests, well or badly. */
export interface Responder {
  /** Lets a route answer. */
  serve(route: Route, arrival: Arrival, params: Readonly<Record<string, string>>): void;
  /** Answers with a fault; `headers` go along. */
  fail(fault: unknown, at: FaultPlace, headers?: HeaderList): void;
}

/** Makes a responder that logs faults, and each answer where `logRequests` asks for it. */
export function createResponder(logger: Logger, logRequests: boolean): Responder {
  const fail: Responder['fail'] = (fault, { response, correlationId, route }, headers = []) => {
    if (!OrchError.is(fault) || fault.code === 'INTERNAL') {
      logger.log('error', 'A request met a fault of the service.', {
        correlation_id: correlationId,
        route,
        fault: placeOf(fault),
      });
    }
    sendAnswer(response, correlationId, problem(fault, { correlationId, headers }));
  };
  const answer = async (route: Route, arrival: Arrival, params: Readonly<Record<string, string>>): Promise<void> => {
    try {
      const given = await route.handle(arrival, params);
      if (given !== undefined) sendAnswer(arrival.response, arrival.correlationId, given);
    } catch (fault) {
      fail(fault, { ...arrival, route: route.operationId });
    }
  };
  return {
    fail,
    serve(route, arrival, params) {
      if (logRequests) logWhenDone(logger, arrival, route.operationId);
      if (route.isStream && arrival.request.method === 'HEAD') {
        fail(refusal('METHOD_NOT_ALLOWED', 'method'), arrival, ['Allow', route.method]);
        return;
      }
      void answer(route, arrival, params);
    },
  };
}

/** ORCH-6105: one line per answer, for those who ask for it. */
function logWhenDone(logger: Logger, arrival: Arrival, route: string): void {
  const { request, response, correlationId, identity } = arrival;
  const startedAtMs = performance.now();
  response.once('close', () => {
    const duration_ms = Math.round(performance.now() - startedAtMs);
    const { method } = request;
    const fields = { correlation_id: correlationId, identity, method, route, status: response.statusCode, duration_ms };
    logger.log('debug', 'A request was answered.', fields);
  });
}
