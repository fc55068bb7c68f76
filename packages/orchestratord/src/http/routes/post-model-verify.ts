// SPDX-License-Identifier: MIT
import type { ServerResponse } from 'node:http';
import type { ModelVerification } from '@llama-orch/api-types';
import { systemClock } from '@llama-orch/node-ports';
import type { ModelDesk } from '../../catalog/model-desk.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWireModel } from '../to-wire-model.ts';

/**
 * `POST /v1/catalog/models/{model_id}/verify`; ORCH-1632. A large file takes longer than any silence that a connection is
 * allowed, so that interim answers are sent until it is read.
 */
export function postModelVerify(models: ModelDesk, heartbeatMs: number): Route {
  return route('verifyModel', async ({ path, response, scope }) => {
    demandOperator({ scope });
    const catalog = await models.catalog();
    const stop = sendInterim(response, heartbeatMs);
    try {
      const { outcome, model } = await catalog.verify(path.model_id);
      const body: ModelVerification = { verdict: outcome, model: toWireModel(model, models.usedBy(model)) };
      return jsonAnswer(200, body);
    } finally {
      stop();
    }
  });
}

function sendInterim(response: ServerResponse, everyMs: number): () => void {
  const send = (): void => {
    if (!response.destroyed) response.writeProcessing();
    timer = systemClock.setTimer(everyMs, send);
  };
  let timer = systemClock.setTimer(everyMs, send);
  return () => timer.cancel();
}
