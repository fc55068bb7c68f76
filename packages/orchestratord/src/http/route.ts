// SPDX-License-Identifier: MIT
import { openapiDocument, parameterValidators, type ParameterValidators, type Validator } from '@llama-orch/api-schema';
import type { operations } from '@llama-orch/api-types';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallerIdentity } from './access.ts';
import type { Answer } from './answer.ts';
import { hasBody } from './read-body.ts';
import { refusal } from './refusal.ts';
import { validated } from './validate.ts';

/** Name of an operation of the contract. */
export type OperationId = keyof operations;

type QueryOf<Id extends OperationId> = ParameterValidators[`${Id}Query`] extends Validator<infer T> ? T : never;
type PathOf<Id extends OperationId> = ParameterValidators[`${Id}Path`] extends Validator<infer T> ? T : never;

/** A request that was let in, before its parameters are read. */
export interface Arrival extends CallerIdentity {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
}

/** A request with parameters that fit the contract. */
export interface Call<Id extends OperationId> extends Arrival {
  readonly query: QueryOf<Id>;
  readonly path: PathOf<Id>;
}

/** One operation of the contract, served. */
export interface Route {
  readonly operationId: OperationId;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As in the contract, with `{name}` for parameters. */
  readonly path: string;
  /** True where the contract asks for no token. */
  readonly isOpen: boolean;
  /** True where the answer is a stream of events. */
  readonly isStream: boolean;
  /** The answer, or undefined when the route streams one itself; a refusal may also be thrown at once. */
  handle(arrival: Arrival, params: Readonly<Record<string, string>>): Promise<Answer | undefined> | Answer;
}

/** The route of an operation; method, path and parameter checks come from the contract. */
export function route<Id extends OperationId>(
  operationId: Id,
  answer: (call: Call<Id>) => Promise<Answer | undefined> | Answer,
): Route {
  const { method, path, operation } = locate(operationId);
  const queryValidator = parameterValidators[`${operationId}Query`] as unknown as Validator<QueryOf<Id>>;
  const pathValidator = parameterValidators[`${operationId}Path`] as unknown as Validator<PathOf<Id>>;
  const takesBody = operation.requestBody !== undefined;
  const nothing: unknown = {};
  const noQuery = queryValidator(nothing) ? nothing : undefined;
  return {
    operationId,
    method: method.toUpperCase() as Route['method'],
    path,
    isOpen: operation.security?.length === 0,
    isStream: operation.responses['200']?.content?.['text/event-stream'] !== undefined,
    handle(arrival, params) {
      if (!takesBody && hasBody(arrival.request)) throw refusal('INVALID_PARAMS', '$', { expected: 'no body' });
      const pathParams = validated(pathValidator, { ...params }, 'path');
      const { request, response, correlationId, identity, keyId, scope } = arrival;
      const given = readQuery(request.url ?? '');
      const query = (given === undefined && noQuery) || validated(queryValidator, given ?? {}, 'query');
      return answer({ request, response, correlationId, identity, keyId, scope, path: pathParams, query });
    },
  };
}

interface Operation {
  readonly operationId?: string;
  readonly requestBody?: unknown;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

function locate(operationId: OperationId): { method: string; path: string; operation: Operation } {
  const paths = openapiDocument['paths'] as Record<string, Record<string, Operation>>;
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (operation.operationId === operationId) return { method, path, operation };
    }
  }
  throw new Error(`The contract has no operation ${operationId}.`);
}

/** ORCH-2023: a parameter given twice would be read in one way here and in another by a proxy. */
function readQuery(url: string): Record<string, string> | undefined {
  const start = url.indexOf('?');
  if (start < 0) return undefined;
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (Object.hasOwn(query, name))
      throw refusal('INVALID_PARAMS', `query.${name.slice(0, 64)}`, { expected: 'one value' });
    query[name] = value;
  }
  return query;
}
