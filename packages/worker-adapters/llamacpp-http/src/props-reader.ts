// SPDX-License-Identifier: MIT
import { isObject, parseJson, type HttpAnswer, type HttpTransport } from '@llama-orch/adapter-kit';
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import { faultOfAnswer } from './map-fault.ts';
import { parseServerProps, toWorkerProps, type PropsOptions, type ServerProps } from './map-props.ts';
import { ModelDigests } from './model-digest.ts';
import { readOffer, type Offer } from './offer.ts';

/** What a {@link PropsReader} needs. */
export interface PropsReaderOptions extends PropsOptions {
  readonly baseUrl: string;
  /** `sha256:<64 hex>`, where it is known. */
  readonly modelDigest?: string;
}

const CONTROL_TIMEOUT_MS = 5_000;

/** Reads from a server what it is and can. */
export class PropsReader {
  readonly #transport: HttpTransport;
  readonly #options: PropsReaderOptions;
  readonly #digests = new ModelDigests();
  /** The offer of the server that answered last; another one is asked again. */
  #known: { readonly identity: string; readonly offer: Offer } | undefined;

  constructor(transport: HttpTransport, options: PropsReaderOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /**
   * Whether the server is still loading.
   *
   * @throws OrchError when it is not there, or another kind of server.
   */
  async isLoading(signal: AbortSignal): Promise<boolean> {
    const answer = await this.#get('/health', signal);
    if (answer.status === 200) return false;
    // What comes after it may have been started with other flags.
    this.#known = undefined;
    const body = parseJson(answer.body);
    // ORCH-4301: builds of 2024 answered 503 also when every slot was busy, which is no reason to call them unready.
    if (answer.status === 503) return !(isObject(body) && body['status'] === 'no slot available');
    throw faultOfAnswer(answer);
  }

  /**
   * What the worker is.
   *
   * @throws OrchError when the server is not the expected one.
   */
  async read(signal: AbortSignal): Promise<WorkerProps> {
    const answer = await this.#get('/props', signal);
    if (answer.status !== 200) throw faultOfAnswer(answer);
    const server = parseServerProps(parseJson(answer.body));
    const { baseUrl, modelDigest } = this.#options;
    const digest = modelDigest ?? (server.modelPath && (await this.#digests.of(server.modelPath, baseUrl, signal)));
    return toWorkerProps(server, await this.#offerOf(server, signal), { ...this.#options, modelDigest: digest });
  }

  /** The server went away; the next one may have been started with other flags. */
  forget(): void {
    this.#known = undefined;
  }

  async #offerOf(server: ServerProps, signal: AbortSignal): Promise<Offer> {
    const identity = JSON.stringify(server);
    if (this.#known?.identity !== identity) {
      this.#known = { identity, offer: await readOffer(this.#transport, server, signal) };
    }
    return this.#known.offer;
  }

  #get(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#transport.call({ method: 'GET', path, headersTimeoutMs: CONTROL_TIMEOUT_MS }, signal);
  }
}
