// SPDX-License-Identifier: MIT
import { createLlamacppHttpAdapter } from '@llama-orch/adapter-llamacpp-http';
import { createMockAdapter } from '@llama-orch/adapter-mock';
import { createNodeLlamaCppAdapter } from '@llama-orch/adapter-node-llama-cpp';
import type { EmbeddedOptions, LlamacppOptions, MockOptions, Pool } from '@llama-orch/config-schema';
import { systemClock } from '@llama-orch/node-ports';
import type { WatchdogLimits } from '@llama-orch/orchestrator-core';
import { tinyModelDigest, tinyModelPath } from '@llama-orch/tiny-model';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { given } from '../config/given.ts';
import type { ServerAdapterKind } from '../config/provisioning.ts';
import { longestSilenceMs } from '../config/watchdog-limits.ts';
import { createOpenaiHttp, createVllm } from './openai-engines.ts';
import { createTgi, createTriton } from './tgi-triton-engines.ts';

/** What an adapter of an engine over HTTP is made of, beside its pool. */
export interface ServerParts {
  readonly baseUrl: string;
  /** Engine keys by the name of their variable. */
  readonly keys: Readonly<Record<string, string>>;
  readonly watchdog: WatchdogLimits;
}

/** Makes the adapter of an engine that answers at an address. */
const SERVER_ADAPTERS: Readonly<Record<ServerAdapterKind, (pool: Pool, parts: ServerParts) => WorkerAdapter>> = {
  'llamacpp-http': createLlamacpp,
  vllm: createVllm,
  'openai-http': createOpenaiHttp,
  tgi: createTgi,
  triton: createTriton,
};

/** The adapter of one engine over HTTP. */
export function createServerAdapter(pool: Pool, parts: ServerParts): WorkerAdapter {
  return SERVER_ADAPTERS[pool.adapter as ServerAdapterKind](pool, parts);
}

/** The adapter of one engine in this process. */
export function createEmbeddedAdapter(pool: Pool): WorkerAdapter {
  return pool.adapter === 'mock' ? createMock(pool) : createNodeLlamaCpp(pool);
}

function createMock(pool: Pool): WorkerAdapter {
  const options = pool.options as MockOptions;
  return createMockAdapter(
    given({
      modelId: pool.model,
      engineVersion: options.engine_version,
      slots: pool.slots,
      ctxMaxTokens: pool.ctx_max,
      startMs: options.start_ms,
      delayMs: options.delay_ms,
      burst: options.burst,
      loadMs: options.load_ms,
      failLoad: options.fail_load,
      directives: options.directives,
      clock: systemClock,
    }),
  );
}

function createNodeLlamaCpp(pool: Pool): WorkerAdapter {
  const options = pool.options as EmbeddedOptions;
  const isBuiltIn = pool.model === undefined || pool.model.startsWith('builtin:');
  return createNodeLlamaCppAdapter(
    given({
      modelPath: isBuiltIn ? tinyModelPath : (pool.model ?? ''),
      expectedDigest: isBuiltIn ? tinyModelDigest : options.digest,
      slots: pool.slots,
      slotMode: options.slot_mode,
      ctxMaxTokens: pool.ctx_max,
      gpu: options.gpu === true ? 'auto' : false,
      threads: options.threads,
    }),
  );
}

function createLlamacpp(pool: Pool, { baseUrl, keys, watchdog }: ServerParts): WorkerAdapter {
  const options = pool.options as LlamacppOptions;
  const silenceMs = longestSilenceMs(watchdog);
  return createLlamacppHttpAdapter(
    given({
      baseUrl,
      apiKey: pool.api_key_env === undefined ? undefined : keys[pool.api_key_env],
      modelId: pool.model,
      modelDigest: options.digest,
      slots: pool.slots,
      workloads: options.workloads,
      connectTimeoutMs: options.connect_timeout_ms,
      headersTimeoutMs: options.headers_timeout_ms ?? silenceMs,
      idleTimeoutMs: options.idle_timeout_ms ?? silenceMs,
      wallTimeoutMs: options.wall_timeout_ms,
      silenceTimeoutMs: options.silence_timeout_ms,
    }),
  );
}
