// SPDX-License-Identifier: MIT
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { failed, refused } from './outbound-fault.ts';
import { addressRefused, bareHost, type OutboundPolicy } from './outbound-policy.ts';

// An import reads every export of the module, and one of them is a getter that loads Node's own web client: 14 MiB.
const { Agent, request: httpRequest } = process.getBuiltinModule('node:http');

/** A secret and the only place it may go to; ORCH-1621. */
export interface Credential {
  /** Origin, as in `https://huggingface.co`. */
  readonly origin: string;
  readonly bearer: string;
}

/** What is asked for. */
export interface OutboundRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credential?: Credential | undefined;
}

/** The head of an answer; its body is still to be read, or to be destroyed. */
export interface OutboundResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly message: IncomingMessage;
}

/** Finds the addresses of a name; the platform's own unless a test gives another. */
export type Lookup = (
  host: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What {@link Outbound} is made from. */
export interface OutboundOptions {
  readonly policy: OutboundPolicy;
  readonly clock: Clock;
  readonly lookup?: Lookup;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const resolveByPlatform: Lookup = (host, options, done) => systemLookup(host, { ...options, all: true }, done);

/** The only door through which the catalog asks other hosts; ORCH-1620. */
export class Outbound {
  readonly policy: OutboundPolicy;
  readonly #clock: Clock;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #lookup: Lookup;

  constructor({ policy, clock, lookup = resolveByPlatform }: OutboundOptions) {
    this.policy = policy;
    this.#clock = clock;
    this.#lookup = lookup;
    const pool = { keepAlive: true, maxFreeSockets: 8 };
    const ca = policy.certificates === undefined ? {} : { ca: policy.certificates };
    this.#agents = { http: new Agent(pool), https: new HttpsAgent({ ...pool, ...ca }) };
  }

  /**
   * Asks, and follows redirects; each hop passes the whole policy again.
   *
   * @throws OrchError FETCH_REFUSED or FETCH_FAILED; the reason of `signal` when it aborts.
   */
  async open(request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> {
    let url = new URL(request.url);
    let credential = request.credential;
    for (let hops = 0; hops <= this.policy.maxRedirects; hops += 1) {
      // ORCH-1621: dropped at the first hop to elsewhere, and never taken up again
      if (credential?.origin !== url.origin) credential = undefined;
      const response = await this.#ask(url, { ...request, credential }, signal);
      const location = response.headers['location'];
      if (!REDIRECTS.has(response.status) || typeof location !== 'string') return response;
      response.message.destroy();
      if (!URL.canParse(location, url.href)) throw failed('protocol', 'The server redirects to what is no address.');
      const next = new URL(location, url);
      if (url.protocol === 'https:' && next.protocol === 'http:') throw refused('scheme', 'A redirect leaves https.');
      url = next;
    }
    throw failed('redirects', `The server redirects more than ${this.policy.maxRedirects} times.`);
  }

  /** Ends what is kept open between requests. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #ask(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> {
    signal.throwIfAborted();
    this.policy.checkUrl(url);
    return new Promise((resolve, reject) => {
      const authorization =
        request.credential === undefined ? {} : { Authorization: `Bearer ${request.credential.bearer}` };
      const isTls = url.protocol === 'https:';
      const asked = (isTls ? httpsRequest : httpRequest)(url, {
        agent: isTls ? this.#agents.https : this.#agents.http,
        headers: { 'User-Agent': 'llama-orch', 'Accept-Encoding': 'identity', ...request.headers, ...authorization },
        lookup: (host, options, done) => this.#resolve(host, options, done),
      });
      const fail = (fault: unknown): void => {
        settle();
        asked.destroy();
        reject(fault instanceof Error ? fault : failed('connect', 'The request failed.', fault));
      };
      const onAbort = (): void => fail(signal.reason);
      const { connectTimeoutMs, headersTimeoutMs } = this.policy;
      let timer = this.#clock.setTimer(connectTimeoutMs, () => fail(failed('timeout', 'No connection in time.')));
      const settle = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const onConnected = (socket: Socket): void => {
        timer.cancel();
        timer = this.#clock.setTimer(headersTimeoutMs, () => fail(failed('timeout', 'No answer in time.')));
        const fault = this.#connectedFault(url, socket);
        if (fault !== undefined) fail(fault);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      asked.on('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => onConnected(socket));
        else onConnected(socket);
      });
      asked.once('response', (message) => {
        settle();
        resolve({ status: message.statusCode ?? 0, headers: message.headers, message });
      });
      // A second fault of a request that has been given up is of no interest.
      asked.on('error', (error) => fail(asFault(error)));
      asked.end();
    });
  }

  /** The address that the connection really has, whatever names and caches said. */
  #connectedFault(url: URL, { remoteAddress }: Socket): Error | undefined {
    if (remoteAddress === undefined || !this.policy.allowsAddress(remoteAddress)) return addressRefused(bareHost(url));
    // Without encryption anybody on the way could give another model.
    if (url.protocol === 'http:' && !this.policy.namesAddress(remoteAddress)) {
      return refused('scheme', 'Plain http is used only within networks that the operator allowed.');
    }
    return undefined;
  }

  /** Gives only addresses that may be connected to; a name that also has others is refused. */
  #resolve(host: string, options: LookupOptions, done: (...answer: never[]) => void): void {
    const answer = done as unknown as (error: Error | null, found?: unknown, family?: number) => void;
    this.#lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return answer(failed('resolve', `The name ${host} was not found.`, error));
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => !this.policy.allowsAddress(address))) {
        return answer(addressRefused(host));
      }
      return options.all === true ? answer(null, addresses) : answer(null, first.address, first.family);
    });
  }
}

function asFault(error: Error): Error {
  return OrchError.is(error) ? error : failed('connect', 'The connection failed.', error);
}
