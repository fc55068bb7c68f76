// SPDX-License-Identifier: MIT
import type { ModelVerification } from '@llama-orch/api-types';
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWireModel } from '../to-wire-model.ts';

/** `POST /v1/catalog/models/{model_id}/verify`; ORCH-1632. */
export function postModelVerify(models: ModelDesk): Route {
  return route('verifyModel', async ({ path, scope }) => {
    demandOperator({ scope });
    const { outcome, model } = await (await models.catalog()).verify(path.model_id);
    const body: ModelVerification = { verdict: outcome, model: toWireModel(model, models.usedBy(model)) };
    return jsonAnswer(200, body);
  });
}
