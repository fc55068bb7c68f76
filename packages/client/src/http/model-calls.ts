// SPDX-License-Identifier: MIT
import type { ModelList } from '@llama-orch/api-types';
import type { OrchClient } from '../create-client.ts';
import type { WireCalls } from './wire-calls.ts';

type ModelCalls = Pick<OrchClient, 'models' | 'model' | 'addModel' | 'removeModel' | 'verifyModel' | 'setModelState'>;

/** Calls about the models of the catalog. */
export function createModelCalls({ http, answer }: WireCalls): ModelCalls {
  return {
    models: async ({ signal } = {}) =>
      (await answer<ModelList>(http.GET('/v1/catalog/models', init(signal)), signal)).models,
    model: (model_id, { signal } = {}) =>
      answer(http.GET('/v1/catalog/models/{model_id}', { params: { path: { model_id } }, ...init(signal) }), signal),
    addModel: (body, { signal } = {}) => answer(http.POST('/v1/catalog/models', { body, ...init(signal) }), signal),
    removeModel: async (model_id, { signal } = {}) => {
      const params = { path: { model_id } };
      await answer(http.DELETE('/v1/catalog/models/{model_id}', { params, ...init(signal) }), signal);
    },
    verifyModel: (model_id, { signal } = {}) =>
      answer(
        http.POST('/v1/catalog/models/{model_id}/verify', { params: { path: { model_id } }, ...init(signal) }),
        signal,
      ),
    setModelState: (model_id, state, { signal } = {}) =>
      answer(
        http.POST('/v1/catalog/models/{model_id}/state', {
          params: { path: { model_id } },
          body: { state },
          ...init(signal),
        }),
        signal,
      ),
  };
}

function init(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
