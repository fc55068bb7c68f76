// SPDX-License-Identifier: MIT
import { OrchError, type ResponseFormat, type WorkerInput, type WorkerProps } from '@llama-orch/worker-adapter-api';
import type { Determinism, JsonValue } from '@llama-orch/worker-adapter-api';

/** What of a task an engine may be unable to do. */
export interface EngineDemand {
  readonly input: WorkerInput;
  readonly ctxTokens?: number;
  /** Absent: the strongest that the engine keeps. */
  readonly determinism?: Determinism;
  readonly responseFormat?: ResponseFormat;
}

/** The first thing the engine cannot do, as an error that names the field; undefined when it can do everything. */
export function checkEngine(demand: EngineDemand, props: WorkerProps): OrchError | undefined {
  const { input, responseFormat } = demand;
  if (!props.workloads.includes(input.workload)) {
    return invalid('$.workload', `The engine does not offer the workload ${input.workload}.`);
  }
  if (demand.ctxTokens !== undefined && demand.ctxTokens > props.ctxMaxTokens) {
    return invalid('$.ctx', `At most ${props.ctxMaxTokens} tokens of context.`, props.ctxMaxTokens);
  }
  // ORCH-3444: strict is kept or refused, never weakened.
  if (demand.determinism === 'strict' && props.features.determinism !== 'strict') {
    return invalid('$.determinism', 'The engine of this pool cannot keep strict determinism.');
  }
  if (responseFormat?.type === 'json_schema' && !props.features.jsonSchema) {
    return invalid('$.response_format', 'The engine of this pool cannot follow a JSON schema.');
  }
  if (responseFormat?.type === 'grammar' && !props.features.grammar) {
    return invalid('$.response_format', 'The engine of this pool cannot follow a grammar.');
  }
  return checkTools(input, props);
}

function checkTools(input: WorkerInput, { features }: WorkerProps): OrchError | undefined {
  if (input.workload !== 'chat' || features.tools) return undefined;
  const message = 'The engine of this pool cannot call tools.';
  if (input.tools.length > 0) return invalid('$.tools', message);
  const index = input.messages.findIndex(({ role, toolCalls }) => role === 'tool' || toolCalls !== undefined);
  return index < 0 ? undefined : invalid(`$.messages[${index}]`, message);
}

/** INVALID_PARAMS that names the field by its path in the request, and the limit where there is one. */
export function invalid(field: string, message: string, limit?: JsonValue): OrchError {
  return new OrchError('INVALID_PARAMS', { message, details: { field, ...(limit === undefined ? {} : { limit }) } });
}
