// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { jsonAnswer } from '../answer.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWireModel } from '../to-wire-model.ts';
import { validated } from '../validate.ts';

/** `POST /v1/catalog/models/{model_id}/state`; ORCH-1603. */
export function postModelState(models: ModelDesk, limits: BodyLimits): Route {
  return route('setModelState', async ({ path, request, scope }) => {
    demandOperator({ scope });
    const body = validated(schemaValidators.ModelStateRequest, await readJsonBody(request, limits), '$');
    const model = await models.setState(path.model_id, body.state);
    return jsonAnswer(200, toWireModel(model, models.usedBy(model)));
  });
}
