// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';
import { EngineFaultError, engineFault, type EngineLauncher } from '@llama-orch/pool-manager';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { isCatalogModel } from '../catalog/catalog-model.ts';
import type { ModelDesk } from '../catalog/model-desk.ts';
import { provisioningOf } from '../config/provisioning.ts';

/**
 * A launcher whose model is found in the catalog each time an engine is started, and pulled where it is not there. A start that
 * is given up does not end the pull: the next one finds more of it.
 */
export function withCatalogModel(
  pool: Pool,
  models: Pick<ModelDesk, 'locate'>,
  launch: (located: Pool) => EngineLauncher,
): EngineLauncher {
  if (pool.model === undefined || !isCatalogModel(pool.model)) return launch(pool);
  return {
    provisioning: provisioningOf(pool),
    async start(given, signal) {
      return launch(await locate(pool, models, signal)).start(given, signal);
    },
  };
}

async function locate(pool: Pool, models: Pick<ModelDesk, 'locate'>, signal: AbortSignal): Promise<Pool> {
  try {
    return await models.locate(pool, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = OrchError.from(error, 'INTERNAL');
    const fault = engineFault(
      'load_failed',
      `The catalog has no ${pool.model ?? 'model'} to load: ${message} (${code})`,
    );
    throw new EngineFaultError({ ...fault, cure: 'Read what `llama-orch models info` tells of it.' }, { cause: error });
  }
}
