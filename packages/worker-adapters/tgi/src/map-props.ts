// SPDX-License-Identifier: MIT
import { countOf, isObject, protocolFault, textOf } from '@llama-orch/adapter-kit';
import { OrchError, type WorkerProps } from '@llama-orch/worker-adapter-api';

/** What a router says about itself in `/info`. */
export interface RouterInfo {
  readonly modelId: string;
  /** Revision of the model's repository; undefined for a local path. */
  readonly modelRevision: string | undefined;
  /** Version, label of the image and commit of TGI. */
  readonly version: string;
  readonly ctxMaxTokens: number;
  /** Requests it takes at a time, running and queued. */
  readonly maxConcurrentRequests: number;
  readonly maxStops: number;
}

/** What the operator says about an engine. */
export interface PropsOptions {
  /** The model the router is expected to serve; another one is a fault. */
  readonly modelId?: string;
  /** The revision it is expected to serve; another one is a fault. */
  readonly modelRevision?: string;
  /** `sha256:<64 hex>` of the model's weights; TGI tells none. */
  readonly modelDigest?: string;
  /** Generations at a time, at most the router's `max_concurrent_requests`, which counts its own queue too. Default 16. */
  readonly slots?: number;
  /** The operator confirms that prefix caching is off and nobody else uses the router. Default: no. */
  readonly isRepeatable?: boolean;
}

/** The queue is ours; the router gets what it may batch. */
const DEFAULT_SLOTS = 16;
/** TGI's own default, for versions that do not tell. */
const DEFAULT_MAX_STOPS = 4;

/**
 * Reads the answer of `/info`.
 *
 * @throws OrchError WORKER_RESET when it is not TGI's.
 */
export function parseInfo(answer: unknown): RouterInfo {
  const info = isObject(answer) ? answer : {};
  const modelId = textOf(info['model_id']);
  const ctxMaxTokens = countOf(info['max_total_tokens']);
  const maxConcurrentRequests = countOf(info['max_concurrent_requests']);
  if (modelId === undefined || ctxMaxTokens === undefined || maxConcurrentRequests === undefined) {
    throw protocolFault('not_json', { path: '/info' });
  }
  const commit = textOf(info['sha']);
  const version = `${textOf(info['version']) ?? 'unknown'}-${textOf(info['docker_label']) ?? 'native'}`;
  return {
    modelId,
    modelRevision: textOf(info['model_sha']),
    version: commit === undefined ? version : `${version}+${commit}`,
    ctxMaxTokens,
    maxConcurrentRequests,
    maxStops: countOf(info['max_stop_sequences']) ?? DEFAULT_MAX_STOPS,
  };
}

/**
 * The props of a worker.
 *
 * @param hasChat Whether the engine renders chats.
 * @throws OrchError POOL_UNREADY when the router has another model than the expected one.
 */
export function toWorkerProps(info: RouterInfo, hasChat: boolean, options: PropsOptions): WorkerProps {
  refuseOther('other_model', options.modelId, info.modelId);
  refuseOther('other_revision', options.modelRevision, info.modelRevision ?? 'unknown');
  const slots = Math.min(options.slots ?? DEFAULT_SLOTS, info.maxConcurrentRequests);
  return {
    engine: 'tgi',
    engineVersion: info.version,
    modelId: info.modelId,
    modelDigest: options.modelDigest,
    slots,
    ctxMaxTokens: info.ctxMaxTokens,
    workloads: hasChat ? ['completion', 'chat'] : ['completion'],
    slotMode: 'external',
    features: {
      // ORCH-4613: requests in one batch, or with a cached prefix, change each other's bits.
      determinism: options.isRepeatable === true && slots === 1 ? 'strict' : 'best_effort',
      jsonSchema: true,
      grammar: false,
      tools: false,
      sessionReuse: false,
    },
  };
}

function refuseOther(reason: string, expected: string | undefined, actual: string): void {
  if (expected === undefined || expected === actual) return;
  throw new OrchError('POOL_UNREADY', {
    message: 'The engine serves another model than configured.',
    details: { reason, expected, actual },
  });
}
