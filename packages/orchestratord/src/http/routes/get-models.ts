// SPDX-License-Identifier: MIT
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireModel } from '../to-wire-model.ts';

/** `GET /v1/catalog/models`; ORCH-1602. */
export function getModels(models: ModelDesk): Route {
  return route('listModels', async () => {
    const list = (await models.catalog()).list();
    return jsonAnswer(200, { models: list.map((model) => toWireModel(model, models.usedBy(model))) });
  });
}
