// SPDX-License-Identifier: MIT
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { NO_CONTENT } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';

/** `DELETE /v1/catalog/models/{model_id}`; ORCH-1602. */
export function deleteModel(models: ModelDesk): Route {
  return route('removeModel', async ({ path, scope }) => {
    demandOperator({ scope });
    await (await models.catalog()).remove(path.model_id);
    return NO_CONTENT;
  });
}
