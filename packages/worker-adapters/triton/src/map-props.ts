// SPDX-License-Identifier: MIT
import { countOf, isObject, protocolFault, textOf } from '@llama-orch/adapter-kit';
import { OrchError, type WorkerProps } from '@llama-orch/worker-adapter-api';

/** Which names a model gives to the same things; see the table in `map-request.ts`. */
export type Dialect = 'ensemble' | 'llmapi' | 'vllm';

/** One input of a model. */
export interface TensorInfo {
  readonly datatype: string;
  readonly rank: number;
}

/** What Triton says about a model. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly dialect: Dialect;
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  readonly outputs: ReadonlySet<string>;
  /** Whether it answers a request more than once. */
  readonly isDecoupled: boolean;
  /** Whether each text holds all text so far. */
  readonly isCumulative: boolean;
  /** Undefined where the model does not batch by Triton. */
  readonly maxBatchSize: number | undefined;
}

/** What the operator says about an engine. */
export interface PropsOptions {
  /** Name of the model in the repository. */
  readonly model: string;
  /** Version of the model, a directory's number. Default: the server's choice. */
  readonly modelVersion?: string;
  /** Context in tokens; Triton does not tell it. */
  readonly ctxMaxTokens: number;
  /** `sha256:<64 hex>` of the model's weights; Triton tells none. */
  readonly modelDigest?: string;
  /** Generations at a time; at most `max_batch_size` where that is set. Default 16. */
  readonly slots?: number;
  /** The operator confirms that nothing is reused between requests and nobody else uses the model. Default: no. */
  readonly isRepeatable?: boolean;
}

/** The queue is ours; the model gets what it may batch. */
const DEFAULT_SLOTS = 16;
/** The input that gives each dialect away; all have `text_input`. */
const MARKS: readonly (readonly [input: string, dialect: Dialect])[] = [
  ['sampling_param_max_tokens', 'llmapi'],
  ['sampling_parameters', 'vllm'],
  ['max_tokens', 'ensemble'],
];

/** Names of the seed, by preference. */
export const SEED_NAMES = ['random_seed', 'seed', 'sampling_param_seed'] as const;

/**
 * Reads a model's metadata and configuration.
 *
 * @throws OrchError WORKER_RESET when they are not Triton's, POOL_UNREADY for a model of no known dialect (ORCH-4650).
 */
export function parseModel(metadata: unknown, config: unknown): ModelInfo {
  if (!isObject(metadata) || !isObject(config)) throw protocolFault('not_json', { path: '/v2/models' });
  const name = textOf(metadata['name']);
  if (name === undefined) throw protocolFault('not_json', { path: '/v2/models' });
  const inputs = new Map(tensorsOf(metadata['inputs']));
  const dialect = MARKS.find(([input]) => inputs.has('text_input') && inputs.has(input))?.[1];
  if (dialect === undefined) {
    throw new OrchError('POOL_UNREADY', {
      message: 'The inputs of the model are none this adapter knows.',
      details: { reason: 'unknown_dialect', inputs: [...inputs.keys()] },
    });
  }
  const versions = Array.isArray(metadata['versions']) ? (metadata['versions'] as readonly unknown[]) : [];
  const policy = config['model_transaction_policy'];
  return {
    name,
    version: textOf(versions.at(-1)) ?? 'unknown',
    dialect,
    inputs,
    outputs: new Set(tensorsOf(metadata['outputs']).map(([output]) => output)),
    isDecoupled: isObject(policy) && policy['decoupled'] === true,
    isCumulative: dialect === 'llmapi' || parameterOf(config, 'accumulate_tokens') === 'true',
    maxBatchSize: countOf(config['max_batch_size']),
  };
}

/** The version in the answer of `/v2`. */
export function parseServerVersion(answer: unknown): string {
  const version = isObject(answer) ? textOf(answer['version']) : undefined;
  if (version === undefined) throw protocolFault('not_json', { path: '/v2' });
  return version;
}

/** The props of a worker. */
export function toWorkerProps(serverVersion: string, model: ModelInfo, options: PropsOptions): WorkerProps {
  const { dialect, version, maxBatchSize } = model;
  const slots = Math.min(options.slots ?? DEFAULT_SLOTS, maxBatchSize ?? Infinity);
  const hasSeed = dialect === 'vllm' || SEED_NAMES.some((name) => model.inputs.has(name));
  return {
    engine: 'triton',
    engineVersion: `${serverVersion}+${dialect}.model-${version}`,
    modelId: model.name,
    modelDigest: options.modelDigest,
    slots,
    ctxMaxTokens: options.ctxMaxTokens,
    workloads: ['completion'],
    slotMode: 'external',
    features: {
      // ORCH-4664: requests in one batch, or with a reused prefix, change each other's bits.
      determinism: options.isRepeatable === true && slots === 1 && hasSeed ? 'strict' : 'best_effort',
      jsonSchema: false,
      grammar: false,
      tools: false,
      sessionReuse: false,
    },
  };
}

function tensorsOf(value: unknown): readonly (readonly [name: string, tensor: TensorInfo])[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter(isObject)
    .map(({ name, datatype, shape }) => [
      textOf(name) ?? '',
      { datatype: textOf(datatype) ?? 'BYTES', rank: Array.isArray(shape) ? Math.max(1, shape.length) : 1 },
    ]);
}

function parameterOf(config: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const parameters = config['parameters'];
  const parameter = isObject(parameters) ? parameters[name] : undefined;
  return isObject(parameter) ? textOf(parameter['string_value'])?.toLowerCase() : undefined;
}
