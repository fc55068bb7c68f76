// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { statusFault } from '../download/range-answer.ts';
import { failed } from '../outbound/outbound-fault.ts';
import type { Outbound, OutboundRequest } from '../outbound/outbound.ts';
import { readBody } from '../outbound/read-body.ts';
import type { ModelReference } from '../reference/model-reference.ts';

/** Where `hf:` references are found; ORCH-1615. */
export interface HubSettings {
  /** Default `https://huggingface.co`; `HF_ENDPOINT` in the environment. */
  readonly endpoint?: string | undefined;
  /** Sent to the endpoint's own origin and nowhere else; `HF_TOKEN` in the environment. */
  readonly token?: string | undefined;
}

/** The endpoint and token that the hub's own tools read from the environment. */
export function hubFromEnvironment(environment: Readonly<Record<string, string | undefined>>): HubSettings {
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = environment;
  return { ...(endpoint ? { endpoint } : {}), ...(token ? { token } : {}) };
}

/** What to fetch for a reference. */
export interface HubFile {
  readonly request: OutboundRequest;
  /** What the hub says that the file is. */
  readonly digest?: string;
}

/** What it takes to ask the hub. */
export interface HubDoor {
  readonly settings: HubSettings;
  readonly outbound: Outbound;
  readonly clock: Clock;
}

type HubReference = Extract<ModelReference, { readonly form: 'hub' }>;

interface ListedFile {
  readonly path: string;
  readonly digest: string | undefined;
}

export const HUB_ENDPOINT = 'https://huggingface.co';
const MAX_LISTING_BYTES = 16 * 2 ** 20;
/** What people run where they have not chosen. */
const USUAL_QUANTIZATION = /[-._]Q4_K_M\.gguf$/i;
const IN_PARTS = /-\d{5}-of-\d{5}\.gguf$/i;
const MAX_SHOWN_FILES = 20;

/** Finds the file of a reference; one without a file is that of the only GGUF file, or of the usual quantization. */
export async function findHubFile(reference: HubReference, door: HubDoor, signal: AbortSignal): Promise<HubFile> {
  const { owner, repository, file } = reference;
  if (file !== undefined && IN_PARTS.test(file)) throw inParts();
  if (file !== undefined) return { request: hubRequest(door.settings, `${owner}/${repository}/resolve/main/${file}`) };
  const path = `api/models/${owner}/${repository}/tree/main?recursive=true`;
  const chosen = chooseFile(await readListing(hubRequest(door.settings, path), door, signal));
  const request = hubRequest(door.settings, `${owner}/${repository}/resolve/main/${encodePath(chosen.path)}`);
  return { request, ...(chosen.digest === undefined ? {} : { digest: chosen.digest }) };
}

/** The host of the hub, for the outbound policy. */
export function hubHost({ endpoint = HUB_ENDPOINT }: HubSettings): string {
  return new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
}

function hubRequest({ endpoint = HUB_ENDPOINT, token }: HubSettings, path: string): OutboundRequest {
  const url = `${endpoint.replace(/\/+$/, '')}/${path}`;
  // ORCH-1615: the token is that of this origin
  return { url, ...(token === undefined ? {} : { credential: { origin: new URL(url).origin, bearer: token } }) };
}

function chooseFile(files: readonly ListedFile[]): ListedFile {
  const whole = files.filter(({ path }) => !IN_PARTS.test(path));
  const usual = whole.filter(({ path }) => USUAL_QUANTIZATION.test(path));
  const [only] = whole.length === 1 ? whole : usual;
  if (only !== undefined && (whole.length === 1 || usual.length === 1)) return only;
  if (whole.length === 0 && files.length > 0) throw inParts();
  throw new OrchError('INVALID_PARAMS', {
    message:
      whole.length === 0 ? 'The repository holds no GGUF file.' : 'The repository holds several GGUF files; name one.',
    details: { field: '$.model_ref', files: whole.slice(0, MAX_SHOWN_FILES).map(({ path }) => path) },
  });
}

function inParts(): OrchError {
  return new OrchError('INVALID_PARAMS', {
    message: 'Models in several files are not built yet.',
    details: { field: '$.model_ref', expected: 'a model in one file' },
  });
}

async function readListing(
  request: OutboundRequest,
  door: HubDoor,
  signal: AbortSignal,
): Promise<readonly ListedFile[]> {
  const response = await door.outbound.open(request, signal);
  if (response.status !== 200) {
    response.message.destroy();
    throw statusFault(response.status);
  }
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of readBody(response, { policy: door.outbound.policy, clock: door.clock, signal })) {
    sizeBytes += piece.length;
    if (sizeBytes > MAX_LISTING_BYTES) throw failed('protocol', 'The list of files is too long.');
    pieces.push(piece);
  }
  return parseListing(Buffer.concat(pieces).toString('utf8'));
}

function parseListing(text: string): readonly ListedFile[] {
  let listing: unknown;
  try {
    listing = JSON.parse(text);
  } catch (error) {
    throw failed('protocol', 'The list of files is not JSON.', error);
  }
  if (!Array.isArray(listing)) throw failed('protocol', 'The list of files is no list.');
  return (listing as readonly { readonly path?: unknown; readonly lfs?: { readonly oid?: unknown } }[]).flatMap(
    (entry) => {
      const { path, lfs } = entry;
      if (typeof path !== 'string' || !path.toLowerCase().endsWith('.gguf') || path.split('/').includes('..'))
        return [];
      const { oid } = lfs ?? {};
      const isDigest = typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid);
      return [{ path, digest: isDigest ? `sha256:${oid}` : undefined }];
    },
  );
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
