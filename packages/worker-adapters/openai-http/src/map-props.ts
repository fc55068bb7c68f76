// SPDX-License-Identifier: MIT
import { isObject, protocolFault, textOf } from '@llama-orch/adapter-kit';
import { OrchError, type WorkerProps, type Workload } from '@llama-orch/worker-adapter-api';

/** What the operator says about a server, for this API tells nothing about it. */
export interface OpenaiPropsOptions {
  /** The model to ask for. */
  readonly modelId: string;
  /** The model's context, in tokens. */
  readonly ctxMaxTokens: number;
  /** `sha256:<64 hex>` of the weights. Default: unknown. */
  readonly modelDigest?: string;
  /** The server's version, part of every receipt. Default `unknown`. */
  readonly engineVersion?: string;
  /** Generations at once. Default 4. */
  readonly slots?: number;
  /** What the server offers for the model. Default: completion and chat. */
  readonly workloads?: readonly Workload[];
  /** True where the model calls tools. Default false. */
  readonly tools?: boolean;
  /** True where `response_format` takes a JSON schema and is kept. Default false. */
  readonly jsonSchema?: boolean;
}

const DEFAULT_SLOTS = 4;

/** The props of a worker. */
export function toWorkerProps(options: OpenaiPropsOptions): WorkerProps {
  const { modelId, modelDigest, engineVersion, slots, ctxMaxTokens, workloads, tools, jsonSchema } = options;
  return {
    engine: 'openai-http',
    engineVersion: engineVersion ?? 'unknown',
    modelId,
    modelDigest,
    slots: slots ?? DEFAULT_SLOTS,
    ctxMaxTokens,
    workloads: workloads ?? ['completion', 'chat'],
    slotMode: 'external',
    features: {
      // ORCH-4559: a seed is a wish here, and many servers ignore it without a word.
      determinism: 'best_effort',
      jsonSchema: jsonSchema ?? false,
      grammar: false,
      tools: tools ?? false,
      sessionReuse: false,
    },
  };
}

/**
 * Checks that the model is in the answer of `/models`.
 *
 * @throws OrchError WORKER_RESET when the answer is none, POOL_UNREADY when the model is not listed.
 */
export function checkModels(answer: unknown, modelId: string): void {
  const rows = isObject(answer) ? answer['data'] : undefined;
  if (!Array.isArray(rows)) throw protocolFault('not_json', { path: '/models' });
  const ids = rows.filter(isObject).flatMap(({ id }) => textOf(id) ?? []);
  // Ollama lists a tag that nobody has to write.
  if (ids.length === 0 || ids.includes(modelId) || ids.includes(`${modelId}:latest`)) return;
  throw new OrchError('POOL_UNREADY', {
    message: 'The server does not list the configured model.',
    details: { reason: 'other_model', expected: modelId },
  });
}
