// SPDX-License-Identifier: MIT
import { startOpenAiEngine, type OpenAiEngine, type OpenAiEngineOptions } from '@llama-orch/adapter-kit/testkit';

/** A stand-in for a server of OpenAI's shape whose model counts. */
export function startEngine(usage: OpenAiEngineOptions['usage'] = 'last_chunk'): Promise<OpenAiEngine> {
  return startOpenAiEngine({
    usage,
    refusal: { error: { message: 'no', type: 'invalid_request_error', param: null, code: null } },
    control: {
      '/v1/models': () => ({
        json: { object: 'list', data: [{ id: 'counting', object: 'model', created: 1_760_000_000, owned_by: 'me' }] },
      }),
    },
  });
}
