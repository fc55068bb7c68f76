// SPDX-License-Identifier: MIT
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { KeyId } from '@llama-orch/orchestrator-core';
import type { KeyRing } from '../config/key-file.ts';
import { isLoopbackName } from './loopback.ts';
import { refusal } from './refusal.ts';

/** Who may call, and under which names. */
export interface AccessRules {
  /** Absent, and without keys: calls need no token. Its holder is the operator. */
  readonly token?: string;
  /** The keys that may call, asked at each call. */
  readonly keys?: () => KeyRing | undefined;
  /** Host names besides the loopback names and the address the connection arrived at. */
  readonly allowedHosts: readonly string[];
}

/** Who calls. */
export interface CallerIdentity {
  /** `anonymous`, or `token:` and six hex digits. */
  readonly identity: string;
  /** The name of its key; absent without a key file. */
  readonly keyId?: KeyId;
  /** The key whose tasks and sessions it is confined to; absent: it sees all. */
  readonly scope?: KeyId;
}

/** A caller of whom nothing is known. */
export const ANONYMOUS: CallerIdentity = { identity: 'anonymous' };

/** Decides who may call. */
export interface Access {
  /** @throws OrchError FOREIGN_ORIGIN or INVALID_PARAMS. */
  checkSite(request: IncomingMessage): void;
  /**
   * Who calls.
   *
   * @throws OrchError MISSING_TOKEN or BAD_TOKEN.
   */
  checkToken(request: IncomingMessage): CallerIdentity;
}

const BEARER = /^Bearer ([\x21-\x7e]+)$/i;
/** A host and perhaps a port, nothing else. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/;

/** Makes the rules of one service. */
export function createAccess({ token, keys = () => undefined, allowedHosts }: AccessRules): Access {
  const isOurs = createHostMemory(new Set(allowedHosts.map((host) => host.toLowerCase())));
  const digest = token === undefined ? undefined : sha256(token);
  const holder =
    digest === undefined ? undefined : { digest, caller: { identity: identityOf(digest.toString('hex')) } };
  const ringOf = createRingCache();
  return {
    checkSite: (request) => checkSite(request, isOurs),
    checkToken(request) {
      const ring = keys();
      if (ring === undefined && holder === undefined) return ANONYMOUS;
      const given = sha256(bearerOf(request));
      const known = (ring === undefined ? undefined : ringOf(ring).get(given.toString('hex'))) ?? holder;
      // ORCH-2061: digests have one length, so that neither the length nor a prefix shows in the time
      const isKnown = timingSafeEqual(given, known?.digest ?? NOBODY);
      if (known === undefined || !isKnown) throw refusal('BAD_TOKEN', 'header.authorization');
      return known.caller;
    },
  };
}

function checkSite(request: IncomingMessage, isOurs: (host: string) => boolean): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const host = hostOf(request);
  // ORCH-2063: a page that made its own name point here shows that name
  if (!isOurs(host) && !isArrivalAddress(request, nameIn(host))) throw refusal('FOREIGN_ORIGIN', 'header.host');
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw refusal('FOREIGN_ORIGIN', 'header.origin');
  }
  if (site === 'cross-site' || site === 'same-site') throw refusal('FOREIGN_ORIGIN', 'header.sec-fetch-site');
}

/** The one Host header; two of them are how requests are smuggled. */
function hostOf(request: IncomingMessage): string {
  const { rawHeaders } = request;
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length !== 4 || rawHeaders[i]?.toLowerCase() !== 'host') continue;
    if (host !== undefined) throw refusal('INVALID_PARAMS', 'header.host', { expected: 'one Host header' });
    host = rawHeaders[i + 1];
  }
  if (host === undefined) throw refusal('INVALID_PARAMS', 'header.host', { expected: 'a Host header' });
  return host.toLowerCase();
}

/** Tells whether a host is known by its name. Remembers the last one that is: most calls name the same. */
function createHostMemory(hosts: ReadonlySet<string>): (host: string) => boolean {
  let last: string | undefined;
  return (host) => {
    if (host === last) return true;
    const name = nameIn(host);
    if (name === undefined || !(isLoopbackName(name) || hosts.has(name))) return false;
    last = host;
    return true;
  };
}

function nameIn(host: string): string | undefined {
  return HOST.exec(host)?.[1];
}

function isArrivalAddress({ socket }: IncomingMessage, name: string | undefined): boolean {
  if (name === undefined) return false;
  const address = socket.localAddress?.replace(/^::ffff:/, '');
  return address === name || `[${String(address)}]` === name;
}

/** What a digest stands for. */
interface Holder {
  readonly digest: Buffer;
  readonly caller: CallerIdentity;
}

/** Compared where no key has the digest: the time of a refusal tells nothing. */
const NOBODY = Buffer.alloc(32);

/** The holders of a key ring by digest, made anew when the ring is another one. */
function createRingCache(): (ring: KeyRing) => ReadonlyMap<string, Holder> {
  let made: { readonly ring: KeyRing; readonly holders: ReadonlyMap<string, Holder> } | undefined;
  return (ring) => {
    if (made?.ring !== ring) made = { ring, holders: holdersOf(ring) };
    return made.holders;
  };
}

function holdersOf({ isolates, entries }: KeyRing): ReadonlyMap<string, Holder> {
  return new Map(
    entries.map(({ id, sha256: hex, isOperator }) => {
      const scope = isolates && !isOperator ? { scope: id } : {};
      return [hex, { digest: Buffer.from(hex, 'hex'), caller: { identity: identityOf(hex), keyId: id, ...scope } }];
    }),
  );
}

/** ORCH-2062 */
function identityOf(hex: string): string {
  return `token:${hex.slice(0, 6)}`;
}

function bearerOf(request: IncomingMessage): string {
  const { authorization } = request.headers;
  if (authorization === undefined) throw refusal('MISSING_TOKEN', 'header.authorization');
  const given = BEARER.exec(authorization)?.[1];
  if (given === undefined) throw refusal('BAD_TOKEN', 'header.authorization');
  return given;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
