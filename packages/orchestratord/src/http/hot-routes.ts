// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';
import type { Route } from './route.ts';

/** A route and the parameters of its path. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const STREAM_PATH = /^\/v1\/tasks\/[0-9a-fA-F-]{36}\/stream$/;
const BEFORE_TASK_ID = '/v1/tasks/'.length;
const AFTER_TASK_ID = '/stream'.length;
const NO_PARAMS = {};

/** Finds the two routes that carry the load without a router: submit and stream, when their path is plain. */
export function createHotRoutes(routes: readonly Route[]): (request: IncomingMessage) => RouteMatch | undefined {
  const submit = routes.find(({ operationId }) => operationId === 'submitTask');
  const stream = routes.find(({ operationId }) => operationId === 'streamTask');
  return ({ method, url = '' }): RouteMatch | undefined => {
    if (method === 'POST' && submit !== undefined && url === submit.path) return { route: submit, params: NO_PARAMS };
    if (method !== 'GET' || stream === undefined || !STREAM_PATH.test(url)) return undefined;
    return { route: stream, params: { task_id: url.slice(BEFORE_TASK_ID, -AFTER_TASK_ID) } };
  };
}
