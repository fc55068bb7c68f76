// SPDX-License-Identifier: MIT
import { parentPort, workerData } from 'node:worker_threads';
import type { FromStore, SentCommit, StoreCall, StoreSettings, ToStore } from '../protocol.ts';
import { JournalStore } from './journal-store.ts';
import { isFull, toRefusal } from './store-refusal.ts';

// The database's own thread: everything that waits for the disk waits here. It imports no package of the workspace.

const port = parentPort;
if (port === null) throw new Error('store-thread runs as a worker thread only.');
const post = (message: FromStore): void => port.postMessage(message);

function open(): JournalStore | undefined {
  try {
    const store = new JournalStore(workerData as StoreSettings);
    post({ type: 'opened', contents: store.contents() });
    return store;
  } catch (fault) {
    const { reason, message } = toRefusal(fault);
    post({ type: 'refused', reason, cause: message });
    return undefined;
  }
}

const store = open();
if (store === undefined) port.close();
else port.on('message', (message: ToStore) => answer(store, 'kind' in message ? message : toCommit(message)));

function toCommit([records, recordCount, at]: SentCommit): StoreCall {
  return { kind: 'commit', records, recordCount, at };
}

function answer(opened: JournalStore, call: StoreCall): void {
  try {
    const told = opened.perform(call);
    post(told === undefined ? undefined : { type: 'answer', answer: told });
  } catch (fault) {
    const cause = fault instanceof Error ? fault.message : String(fault);
    post({ type: 'failure', failure: { full: isFull(fault), cause } });
  }
  if (call.kind === 'close') port?.close();
}
