// SPDX-License-Identifier: MIT
import { countOf, isObject, protocolFault, textOf } from '@llama-orch/adapter-kit';
import { OrchError, type WorkerProps, type Workload } from '@llama-orch/worker-adapter-api';
import type { GrammarField } from './map-request.ts';

/** What the operator says about an engine. */
export interface VllmPropsOptions {
  /** The model the engine is expected to serve, by served name or root; another one is a fault. Default: its base model. */
  readonly modelId?: string;
  /** `sha256:<64 hex>` of the weights; the engine knows no digest. */
  readonly modelDigest?: string;
  /** Generations at once, at most the server's `--max-num-seqs`, which it does not tell. Default 16. */
  readonly slots?: number;
  /** What the served model is for. Default: completion and chat. */
  readonly workloads?: readonly Workload[];
  /** True for a server started with `--enable-auto-tool-choice`, which it does not tell. Default false. */
  readonly tools?: boolean;
  /** True for a server started with `VLLM_BATCH_INVARIANT=1`, which it does not tell. Default false. */
  readonly batchInvariant?: boolean;
}

/** One row of `/v1/models`. */
export interface ServedModel {
  readonly servedName: string;
  readonly ctxMaxTokens: number;
}

const DEFAULT_SLOTS = 16;
const VERSION = /^v?(\d+)\.(\d+)/;
/** The first minor version that reads `structured_outputs` alone. */
const STRUCTURED_OUTPUTS_MINOR = 12;

/**
 * The model to use of those in the answer of `/v1/models`.
 *
 * @throws OrchError WORKER_RESET when the answer is not vLLM's, POOL_UNREADY when the expected model is not among them.
 */
export function chooseModel(answer: unknown, { modelId }: VllmPropsOptions): ServedModel {
  const rows = isObject(answer) && Array.isArray(answer['data']) ? answer['data'].filter(isObject) : [];
  const served = rows.flatMap((row) => {
    const servedName = textOf(row['id']);
    const ctxMaxTokens = countOf(row['max_model_len']) ?? contextOfParent(row, rows);
    return servedName === undefined || ctxMaxTokens === undefined ? [] : [{ row, servedName, ctxMaxTokens }];
  });
  if (served.length === 0) throw protocolFault('not_json', { path: '/v1/models' });
  const chosen = served.find(({ row }) =>
    modelId === undefined ? textOf(row['parent']) === undefined : row['id'] === modelId || row['root'] === modelId,
  );
  if (chosen === undefined) {
    throw new OrchError('POOL_UNREADY', {
      message: 'The engine serves another model than configured.',
      details: { reason: 'other_model', expected: modelId ?? '', actual: served[0]?.servedName ?? '' },
    });
  }
  return { servedName: chosen.servedName, ctxMaxTokens: chosen.ctxMaxTokens };
}

/** The props of a worker. */
export function toWorkerProps(model: ServedModel, engineVersion: string, options: VllmPropsOptions): WorkerProps {
  const { servedName, ctxMaxTokens } = model;
  const { modelId, modelDigest, slots, workloads, tools, batchInvariant } = options;
  return {
    engine: 'vllm',
    engineVersion,
    modelId: modelId ?? servedName,
    modelDigest,
    slots: slots ?? DEFAULT_SLOTS,
    ctxMaxTokens,
    workloads: workloads ?? ['completion', 'chat'],
    slotMode: 'external',
    features: {
      // ORCH-4509: what shares a batch changes a result's bits, unless the server's kernels are made not to.
      determinism: batchInvariant === true ? 'strict' : 'best_effort',
      jsonSchema: true,
      grammar: grammarFieldOf(engineVersion) !== undefined,
      tools: tools ?? false,
      sessionReuse: true,
    },
  };
}

/** ORCH-4507: which field a build reads a grammar from; undefined when the version is not known. */
export function grammarFieldOf(engineVersion: string): GrammarField | undefined {
  const [, major, minor] = VERSION.exec(engineVersion) ?? [];
  if (major === undefined) return undefined;
  return Number(major) > 0 || Number(minor) >= STRUCTURED_OUTPUTS_MINOR ? 'structured_outputs' : 'guided_grammar';
}

/** A LoRA adapter's row has no context of its own in some builds. */
function contextOfParent(
  { parent }: Readonly<Record<string, unknown>>,
  rows: readonly Readonly<Record<string, unknown>>[],
): number | undefined {
  return countOf(
    rows.find(({ id, root }) => parent !== undefined && (id === parent || root === parent))?.['max_model_len'],
  );
}
