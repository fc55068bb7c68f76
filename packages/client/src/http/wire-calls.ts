// SPDX-License-Identifier: MIT
import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from '@llama-orch/api-types';
import { OrchApiError } from './orch-api-error.ts';
import { OrchConnectionError } from './orch-connection-error.ts';

/** Sends one request; `globalThis.fetch` unless a client is given another. */
export type Fetch = (request: Request) => Promise<Response>;

/** Where the service is and how to reach it. */
export interface WireOptions {
  /** Address of the service, such as `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Bearer token, where the service needs one. */
  readonly token?: string;
  readonly fetch?: Fetch;
}

/** What the typed fetch client resolves with. */
interface FetchResult {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

/** Calls of the contract, with every outcome but success turned into a typed error. */
export interface WireCalls {
  readonly http: Client<paths>;
  readonly baseUrl: string;
  /**
   * The body of a successful answer.
   *
   * @throws OrchApiError for a refusal, OrchConnectionError when no usable answer arrives, the signal's reason when it aborts.
   */
  readonly answer: <Data>(call: Promise<FetchResult>, signal?: AbortSignal) => Promise<Data>;
}

/** Calls of the service at `baseUrl`. */
export function createWireCalls({ baseUrl, token, fetch }: WireOptions): WireCalls {
  const http = createFetchClient<paths>({
    baseUrl,
    // ORCH-2501: the header is the token's only place.
    ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
    ...(fetch === undefined ? {} : { fetch }),
  });
  return {
    http,
    baseUrl,
    answer: async <Data>(call: Promise<FetchResult>, signal?: AbortSignal): Promise<Data> => {
      const { data, error, response } = await call.catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw new OrchConnectionError(baseUrl, 'No answer of llama-orch', cause);
      });
      if (!response.ok) throw OrchApiError.fromAnswer(response, error);
      return data as Data;
    },
  };
}
