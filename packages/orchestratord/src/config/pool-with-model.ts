// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import type { Pool } from '@llama-orch/config-schema';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { isModelFile, isModelName, opensModelFile } from './check-pools.ts';

/**
 * A pool's section with another model, as if the configuration had named it.
 *
 * @param folder Relative paths start here.
 * @throws OrchError INVALID_PARAMS when the model is not there.
 */
export function poolWithModel(section: Pool, modelRef: string, folder: string): Pool {
  if (!opensModelFile(section)) return { ...section, model: modelRef };
  const model = isModelName(modelRef) ? modelRef : resolve(folder, modelRef);
  if (!isModelFile(model)) {
    const details = { field: '$.new_model_ref', expected: 'a file, or a built-in model', step: 'model' };
    throw new OrchError('INVALID_PARAMS', { phase: 'request', details });
  }
  return { ...section, model };
}
