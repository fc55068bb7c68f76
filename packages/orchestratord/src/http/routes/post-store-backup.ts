// SPDX-License-Identifier: MIT
import { pipeline } from 'node:stream/promises';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { StoreControl } from '../../store/store-control.ts';
import { route, type Route } from '../route.ts';

/** `POST /v1/store/backup`: the copy is streamed; a body that is too short is the sign of one that was cut. ORCH-1215 */
export function postStoreBackup(store: StoreControl): Route {
  return route('backUpStore', async ({ response, correlationId }) => {
    const backup = await store.backUp();
    if (backup === undefined) {
      throw new OrchError('NOT_FOUND', { message: 'Tasks are kept in memory: there is no store to copy.' });
    }
    response.writeHead(200, {
      'X-Correlation-Id': correlationId,
      'Cache-Control': 'no-store',
      'Content-Type': 'application/vnd.sqlite3',
      'Content-Length': backup.sizeBytes,
    });
    // Nobody is left to be told of a fault: the connection breaks, and the copy goes with it.
    await pipeline(backup.bytes, response).catch(() => response.destroy());
    return undefined;
  });
}
