// SPDX-License-Identifier: MIT
import type { RequestListener, ServerResponse } from 'node:http';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { ANONYMOUS, createAccess } from './http/access.ts';
import type { AppDeps } from './http/app-deps.ts';
import { correlationIdOf } from './http/correlation-id.ts';
import { createRoutes } from './http/create-routes.ts';
import { createHotRoutes } from './http/hot-routes.ts';
import { createResponder } from './http/responder.ts';
import type { Arrival } from './http/route.ts';
import { createRouter } from './http/router.ts';
import { createStreamGate, type StreamGate } from './http/stream-gate.ts';

/** The HTTP side of the service, without a port. */
export interface App {
  /** Answers one request. */
  readonly handle: RequestListener;
  /** The streams that are open. */
  readonly streams: StreamGate;
}

/** Ties access, routes and answers together. Submit and stream skip Express, everything else goes through it. */
export function createApp(deps: AppDeps): App {
  const streams = createStreamGate({
    maxStreams: deps.limits.maxStreams,
    onCount: (count) => deps.meter.set('streams_open', {}, count),
    checkMemory: deps.checkMemory,
  });
  const routes = createRoutes(deps, streams);
  const openPaths = new Set(routes.filter(({ isOpen }) => isOpen).map(({ path }) => path));
  const access = createAccess(deps.access);
  const hotRoute = createHotRoutes(routes);
  const responder = createResponder(deps.logger, deps.logRequests);

  const arrivals = new WeakMap<ServerResponse, Arrival>();
  const arrivalOf = (response: ServerResponse): Arrival => {
    const arrival = arrivals.get(response);
    if (arrival === undefined) throw new OrchError('INTERNAL', { message: 'A request was routed before it arrived.' });
    return arrival;
  };
  const router = createRouter(routes, {
    serve: (route, request, response) => {
      responder.serve(route, arrivalOf(response), request.params as Record<string, string>);
    },
    fail: (fault, response, headers) => responder.fail(fault, arrivalOf(response), headers),
  });

  const handle: RequestListener = (request, response) => {
    const correlationId = correlationIdOf(request);
    try {
      // ORCH-2064: who may not call learns nothing of what is there
      access.checkSite(request);
      const hot = hotRoute(request);
      const isOpen = hot === undefined && openPaths.has(request.url?.split('?', 1)[0] ?? '');
      const { identity, keyId, scope } = isOpen ? ANONYMOUS : access.checkToken(request);
      const arrival = { request, response, correlationId, identity, keyId, scope };
      if (hot !== undefined) {
        responder.serve(hot.route, arrival, hot.params);
        return;
      }
      arrivals.set(response, arrival);
      router(request, response);
    } catch (fault) {
      responder.fail(fault, { request, response, correlationId, ...ANONYMOUS });
    }
  };
  return { handle, streams };
}
