// SPDX-License-Identifier: MIT
import { createTgiAdapter } from '@llama-orch/adapter-tgi';
import { createTritonAdapter } from '@llama-orch/adapter-triton';
import type { Pool, TgiOptions, TritonOptions } from '@llama-orch/config-schema';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { given } from '../config/given.ts';
import { connectionOf } from './engine-connection.ts';
import type { ServerParts } from './engines.ts';

/** The adapter of a Text Generation Inference router. */
export function createTgi(pool: Pool, parts: ServerParts): WorkerAdapter {
  const options = pool.options as TgiOptions;
  return createTgiAdapter(
    given({
      ...connectionOf(pool, options, parts),
      baseUrl: parts.baseUrl,
      modelId: pool.model,
      modelRevision: options.revision,
      modelDigest: options.digest,
      slots: pool.slots,
      isRepeatable: options.repeatable,
      isShared: options.shared,
    }),
  );
}

/** The adapter of one model of a Triton server. */
export function createTriton(pool: Pool, parts: ServerParts): WorkerAdapter {
  const options = pool.options as TritonOptions;
  const { apiKey, ...limits } = connectionOf(pool, options, parts);
  return createTritonAdapter(
    given({
      ...limits,
      baseUrl: parts.baseUrl,
      metricsUrl: options.metrics_url,
      headers: keyHeader(options.key_header, apiKey),
      model: pool.model ?? '',
      modelVersion: options.model_version,
      ctxMaxTokens: options.ctx_max,
      modelDigest: options.digest,
      slots: pool.slots,
      route: options.route,
      isRepeatable: options.repeatable,
      isShared: options.shared,
    }),
  );
}

/** Triton's restricted APIs ask for a key under a name of the operator's; gateways before it for a bearer token. */
function keyHeader(name: string | undefined, key: string | undefined): Readonly<Record<string, string>> | undefined {
  if (key === undefined) return undefined;
  return name === undefined ? { authorization: `Bearer ${key}` } : { [name]: key };
}
