// SPDX-License-Identifier: MIT
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireModel } from '../to-wire-model.ts';

/** `GET /v1/catalog/models/{model_id}`; ORCH-1602, ORCH-1613. */
export function getModel(models: ModelDesk): Route {
  return route('getModel', async ({ path }) => {
    const model = (await models.catalog()).get(path.model_id);
    return jsonAnswer(200, toWireModel(model, models.usedBy(model)));
  });
}
