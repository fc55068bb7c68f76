// SPDX-License-Identifier: MIT
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { HeaderList } from './answer.ts';
import { refusal } from './refusal.ts';
import type { Route } from './route.ts';

/** What the router does with a request. */
export interface RouterTargets {
  /** Serves a route. */
  readonly serve: (route: Route, request: Request, response: Response) => void;
  /** Answers a fault; `headers` go along. */
  readonly fail: (fault: unknown, response: Response, headers?: HeaderList) => void;
}

/** Express 5, told nothing but which path leads to which route. */
export function createRouter(routes: readonly Route[], { serve, fail }: RouterTargets): Express {
  const router = express();
  router.disable('x-powered-by').disable('etag').set('query parser', false);
  router.enable('case sensitive routing').enable('strict routing');
  for (const [path, group] of Map.groupBy(routes, (route) => route.path)) {
    const entry = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of group) {
      entry[method(route)]((request, response) => serve(route, request, response));
    }
    // ORCH-2043: the path is known, the method is not
    entry.all((_request, response) => {
      fail(refusal('METHOD_NOT_ALLOWED', 'method'), response, ['Allow', group.map((route) => route.method).join(', ')]);
    });
  }
  router.use((_request, response) => fail(refusal('NOT_FOUND', 'path'), response));
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  router.use((fault: unknown, _request: Request, response: Response, _next: NextFunction) => {
    // Express itself finds only one kind of fault: a path that cannot be decoded.
    fail(fault instanceof URIError ? refusal('INVALID_PARAMS', 'path') : fault, response);
  });
  return router;
}

function method(route: Route): 'get' | 'post' | 'delete' {
  return route.method.toLowerCase() as 'get' | 'post' | 'delete';
}
