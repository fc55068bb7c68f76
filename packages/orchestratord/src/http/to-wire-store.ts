// SPDX-License-Identifier: MIT
import type { Store } from '@llama-orch/api-types';
import type { StoreView } from '../store/store-control.ts';

/** The store of tasks as the contract has it. */
export function toWireStore({ backend, state, lostRecordCount }: StoreView): Store {
  return { backend, state, lost_records: lostRecordCount };
}
