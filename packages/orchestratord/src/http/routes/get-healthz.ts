// SPDX-License-Identifier: MIT
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';

/** `GET /healthz`; ORCH-2230. */
export function getHealthz(): Route {
  return route('getHealth', () => jsonAnswer(200, { status: 'ok' }));
}
