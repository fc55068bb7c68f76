// SPDX-License-Identifier: MIT
import { openapiDocument } from '@llama-orch/api-schema';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';

/** `GET /openapi.json`; ORCH-2245. */
export function getOpenapi(): Route {
  const answer = jsonAnswer(200, openapiDocument);
  return route('getOpenapi', () => answer);
}
