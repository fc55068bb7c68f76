// SPDX-License-Identifier: MIT
import type { StoreControl } from '../../store/store-control.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireStore } from '../to-wire-store.ts';

/** `GET /v1/store`; ORCH-1218. */
export function getStore(store: StoreControl): Route {
  return route('getStore', () => jsonAnswer(200, toWireStore(store.view())));
}
