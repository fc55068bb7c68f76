// SPDX-License-Identifier: MIT
import { startOpenAiEngine, type OpenAiEngine, type OpenAiEngineView } from '@llama-orch/adapter-kit/testkit';

/** A stand-in for vLLM whose model counts. */
export function startVllmEngine(): Promise<OpenAiEngine> {
  return startOpenAiEngine({
    usage: 'every_chunk',
    refusal: { error: { message: 'no', type: 'BadRequestError', param: null, code: 400 } },
    control: {
      '/health': () => ({ text: '' }),
      '/version': () => ({ json: { version: '0.13.0' } }),
      '/v1/models': () => ({ json: { object: 'list', data: [MODEL] } }),
      '/metrics': (view) => ({ text: metricsOf(view) }),
    },
  });
}

const MODEL = {
  id: 'counting',
  object: 'model',
  created: 1_760_000_000,
  owned_by: 'vllm',
  root: '/models/counting',
  parent: null,
  max_model_len: 4096,
};

function metricsOf({ busyCount }: OpenAiEngineView): string {
  const labels = '{engine="0",model_name="counting"}';
  return `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running${labels} ${busyCount()}.0
vllm:num_requests_waiting${labels} 0.0
vllm:kv_cache_usage_perc${labels} 0.25
`;
}
