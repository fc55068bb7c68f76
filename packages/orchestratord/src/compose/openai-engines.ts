// SPDX-License-Identifier: MIT
import { createOpenaiHttpAdapter } from '@llama-orch/adapter-openai-http';
import { createVllmAdapter } from '@llama-orch/adapter-vllm';
import type { OpenaiOptions, Pool, VllmOptions } from '@llama-orch/config-schema';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { given } from '../config/given.ts';
import { provisioningOf } from '../config/provisioning.ts';
import { connectionOf } from './engine-connection.ts';
import type { ServerParts } from './engines.ts';

/** The adapter of a vLLM server. */
export function createVllm(pool: Pool, parts: ServerParts): WorkerAdapter {
  const options = pool.options as VllmOptions;
  return createVllmAdapter(
    given({
      ...connectionOf(pool, options, parts),
      baseUrl: parts.baseUrl,
      modelId: pool.model,
      modelDigest: options.digest,
      slots: pool.slots,
      workloads: options.workloads,
      tools: options.tools,
      batchInvariant: options.batch_invariant,
      isShared: options.shared,
    }),
  );
}

/** The adapter of a server that speaks OpenAI's API. */
export function createOpenaiHttp(pool: Pool, parts: ServerParts): WorkerAdapter {
  const options = pool.options as OpenaiOptions;
  return createOpenaiHttpAdapter(
    given({
      ...connectionOf(pool, options, parts),
      // An address that is configured says where the API begins; an engine that is started has it where all have it.
      baseUrl: provisioningOf(pool) === 'managed' ? `${parts.baseUrl}/v1` : parts.baseUrl,
      modelId: pool.model ?? '',
      ctxMaxTokens: options.ctx_max,
      engineVersion: options.version,
      modelDigest: options.digest,
      slots: pool.slots,
      workloads: options.workloads,
      tools: options.tools,
      jsonSchema: options.json_schema,
      maxTokensField: options.max_tokens_field,
      samplerFields: options.sampler_fields,
    }),
  );
}
