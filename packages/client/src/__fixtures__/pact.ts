// SPDX-License-Identifier: MIT
import type { OrchClient } from '../create-client.ts';

/** One thing the client asks of the service, and the least it needs back. */
export interface PactCase {
  readonly description: string;
  /** What must hold at the provider before. */
  readonly states: readonly { readonly name: string; readonly params?: Readonly<Record<string, string>> }[];
  readonly call: (client: OrchClient) => Promise<unknown>;
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Name of the contract's schema the body belongs to, and the body. */
    readonly schema?: string;
    readonly body?: object;
  };
  /** Paths in the body whose values count, not only their types. */
  readonly exact?: readonly string[];
  /** What the call resolves with, or what its error holds; the body unless told otherwise. */
  readonly outcome?: unknown;
}

/** What the client sent, in the words of a pact. */
export interface PactRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A sent request in the words of a pact; a task id the client drew does not occur. */
export async function recordRequest(request: Request): Promise<PactRequest> {
  const url = new URL(request.url);
  const text = await request.clone().text();
  const query = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)]),
  );
  const type = request.headers.get('Content-Type');
  return {
    method: request.method,
    path: url.pathname,
    ...(url.search === '' ? {} : { query }),
    ...(type === null ? {} : { headers: { 'Content-Type': type } }),
    ...(text === '' ? {} : { body: JSON.parse(text) as unknown }),
  };
}

/** One interaction of the pact file (Pact specification 3): bodies match by type, listed paths by value. */
export function toInteraction(pact: PactCase, request: PactRequest): object {
  const { status, headers, body } = pact.response;
  const rules = {
    $: { matchers: [{ match: 'type' }] },
    ...Object.fromEntries((pact.exact ?? []).map((path) => [path, { matchers: [{ match: 'equality' }] }])),
  };
  return {
    description: pact.description,
    providerStates: pact.states,
    request,
    response: {
      status,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body, matchingRules: { body: rules } }),
    },
  };
}
