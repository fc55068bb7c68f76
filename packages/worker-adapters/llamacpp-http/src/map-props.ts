// SPDX-License-Identifier: MIT
import { basename } from 'node:path';
import { protocolFault } from '@llama-orch/adapter-kit';
import { OrchError, type WorkerProps, type Workload } from '@llama-orch/worker-adapter-api';
import { isObject } from './parse-json.ts';

/** What a server says about itself in `/props`. */
export interface ServerProps {
  readonly totalSlots: number;
  readonly ctxMaxTokens: number;
  readonly buildInfo: string;
  /** On the server's machine; undefined in builds that do not tell. */
  readonly modelPath: string | undefined;
  readonly modelAlias: string | undefined;
  readonly hasChatTemplate: boolean;
}

/** What the operator says about an engine. */
export interface PropsOptions {
  /** The model the engine is expected to serve, by alias or file name; another one is a fault. */
  readonly modelId?: string;
  /** Slots to use; at most those of the server. Default: all. */
  readonly slots?: number;
  /** Workloads the server was started for. Default: completion, and chat where there is a template. */
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
  const { total_slots: totalSlots, build_info: buildInfo, model_path: modelPath, model_alias: modelAlias } = answer;
  const { n_ctx: ctxMaxTokens } = settings;
  if (!isCount(totalSlots) || !isCount(ctxMaxTokens)) throw protocolFault('not_json', { path: '/props' });
  return {
    totalSlots,
    ctxMaxTokens,
    buildInfo: typeof buildInfo === 'string' && buildInfo !== '' ? buildInfo : 'unknown',
    modelPath: typeof modelPath === 'string' && modelPath !== '' ? modelPath : undefined,
    modelAlias: typeof modelAlias === 'string' && modelAlias !== '' ? modelAlias : undefined,
    hasChatTemplate: typeof answer['chat_template'] === 'string' && answer['chat_template'] !== '',
  };
}

/**
 * The props of a worker.
 *
 * @throws OrchError POOL_UNREADY when the server has another model than the expected one.
 */
export function toWorkerProps(
  server: ServerProps,
  modelDigest: string | undefined,
  { modelId, slots: wantedSlots, workloads }: PropsOptions,
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
    workloads: workloads ?? (server.hasChatTemplate ? ['completion', 'chat'] : ['completion']),
    slotMode: 'external',
    features: {
      // ORCH-4322: generations that share a batch change each other's bits, so only one at a time can be repeated.
      determinism: slots === 1 ? 'strict' : 'best_effort',
      jsonSchema: true,
      grammar: true,
      tools: false,
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

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}
