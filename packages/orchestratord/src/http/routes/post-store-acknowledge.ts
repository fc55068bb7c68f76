// SPDX-License-Identifier: MIT
import type { StoreControl } from '../../store/store-control.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireStore } from '../to-wire-store.ts';

/** `POST /v1/store/acknowledge`; ORCH-1218. */
export function postStoreAcknowledge(store: StoreControl): Route {
  return route('acknowledgeLostRecords', async () => {
    await store.acknowledgeLost();
    return jsonAnswer(200, toWireStore(store.view()));
  });
}
