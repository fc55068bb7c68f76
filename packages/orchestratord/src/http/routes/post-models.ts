// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { jsonAnswer } from '../answer.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWireModel } from '../to-wire-model.ts';
import { validated } from '../validate.ts';

/** `POST /v1/catalog/models`: the model is fetched meanwhile; ORCH-1602, ORCH-1612. */
export function postModels(models: ModelDesk, limits: BodyLimits): Route {
  return route('addModel', async ({ request, scope }) => {
    demandOperator({ scope });
    const body = validated(schemaValidators.ModelRequest, await readJsonBody(request, limits), '$');
    const { model_ref: reference, digest, signature, sbom, pinned: isPinned, metadata } = body;
    const model = (await models.catalog()).add({ reference, digest, signature, sbom, isPinned, metadata });
    const status = model.status === 'installed' ? 200 : 202;
    return jsonAnswer(status, toWireModel(model, models.usedBy(model)), ['Location', `/v1/catalog/models/${model.id}`]);
  });
}
