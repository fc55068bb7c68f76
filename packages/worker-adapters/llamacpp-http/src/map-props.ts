// SPDX-License-Identifier: MIT
import { basename } from 'node:path';
import { countOf, isObject, protocolFault, textOf } from '@llama-orch/adapter-kit';
import { OrchError, type WorkerProps, type Workload } from '@llama-orch/worker-adapter-api';
import type { Offer } from './offer.ts';

/** What a server says about itself in `/props`. */
export interface ServerProps {
  readonly totalSlots: number;
  readonly ctxMaxTokens: number;
  readonly buildInfo: string;
  /** On the server's machine; undefined in builds that do not tell. */
  readonly modelPath: string | undefined;
  readonly modelAlias: string | undefined;
  readonly hasChatTemplate: boolean;
  /** Whether the template shows tools and their calls to the model; undefined in builds that do not tell. */
  readonly supportsTools: boolean | undefined;
}

/** What the operator says about an engine. */
export interface PropsOptions {
  /** The model the engine is expected to serve, by alias or file name; another one is a fault. */
  readonly modelId?: string;
  /** Slots to use; at most those of the server. Default: all. */
  readonly slots?: number;
  /** Workloads to offer, of those the server does. Default: all. */
  readonly workloads?: readonly Workload[];
}

const MODEL_SUFFIX = /\.gguf$/;

/**
 * Reads the answer of `/props`.
 *
 * @throws OrchError WORKER_RESET when it is not llama-server's.
 */
export function parseServerProps(answer: unknown): ServerProps {
  const settings = isObject(answer) ? answer['default_generation_settings'] : undefined;
  if (!isObject(answer) || !isObject(settings)) throw protocolFault('not_json', { path: '/props' });
  const totalSlots = countOf(answer['total_slots']);
  const ctxMaxTokens = countOf(settings['n_ctx']);
  if (totalSlots === undefined || ctxMaxTokens === undefined) throw protocolFault('not_json', { path: '/props' });
  return {
    totalSlots,
    ctxMaxTokens,
    buildInfo: textOf(answer['build_info']) ?? 'unknown',
    modelPath: textOf(answer['model_path']),
    modelAlias: textOf(answer['model_alias']),
    hasChatTemplate: textOf(answer['chat_template']) !== undefined,
    supportsTools: toolsOf(answer['chat_template_caps']),
  };
}

/**
 * The props of a worker.
 *
 * @throws OrchError POOL_UNREADY when the server has another model than the expected one.
 */
export function toWorkerProps(
  server: ServerProps,
  offer: Offer,
  { modelId, modelDigest, slots: wantedSlots, workloads }: PropsOptions & { readonly modelDigest: string | undefined },
): WorkerProps {
  const names = namesOf(server);
  if (modelId !== undefined && !names.includes(modelId)) {
    throw new OrchError('POOL_UNREADY', {
      message: 'The engine serves another model than configured.',
      details: { reason: 'other_model', expected: modelId, actual: names[0] ?? 'unknown' },
    });
  }
  const slots = Math.min(wantedSlots ?? server.totalSlots, server.totalSlots);
  return {
    engine: 'llamacpp',
    engineVersion: server.buildInfo,
    modelId: modelId ?? names[0] ?? 'unknown',
    modelDigest,
    slots,
    ctxMaxTokens: server.ctxMaxTokens,
    workloads: offer.workloads.filter((workload) => workloads?.includes(workload) ?? true),
    slotMode: 'external',
    features: {
      // ORCH-4322: generations that share a batch change each other's bits, so only one at a time can be repeated.
      determinism: slots === 1 ? 'strict' : 'best_effort',
      jsonSchema: true,
      grammar: true,
      tools: offer.tools,
      sessionReuse: true,
    },
  };
}

/** Names the model goes by, best first. */
function namesOf({ modelAlias, modelPath }: ServerProps): readonly string[] {
  return [modelAlias, modelPath]
    .filter((name) => name !== undefined)
    .flatMap((name) => [basename(name).replace(MODEL_SUFFIX, ''), basename(name), name]);
}

function toolsOf(caps: unknown): boolean | undefined {
  if (!isObject(caps)) return undefined;
  return caps['supports_tools'] === true && caps['supports_tool_calls'] === true;
}
