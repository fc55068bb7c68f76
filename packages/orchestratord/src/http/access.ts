// SPDX-License-Identifier: MIT
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopbackName } from './loopback.ts';
import { refusal } from './refusal.ts';

/** Who may call, and under which names. */
export interface AccessRules {
  /** Absent: calls need no token. */
  readonly token?: string;
  /** Host names besides the loopback names and the address the connection arrived at. */
  readonly allowedHosts: readonly string[];
}

/** Decides who may call. */
export interface Access {
  /** @throws OrchError FOREIGN_ORIGIN or INVALID_PARAMS. */
  checkSite(request: IncomingMessage): void;
  /**
   * The caller's identity: `anonymous`, or `token:` and six hex digits.
   *
   * @throws OrchError MISSING_TOKEN or BAD_TOKEN.
   */
  checkToken(request: IncomingMessage): string;
}

const BEARER = /^Bearer ([\x21-\x7e]+)$/i;
/** A host and perhaps a port, nothing else. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/;

/** Makes the rules of one service. */
export function createAccess({ token, allowedHosts }: AccessRules): Access {
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const digest = token === undefined ? undefined : sha256(token);
  const identity = digest === undefined ? 'anonymous' : `token:${digest.toString('hex').slice(0, 6)}`;
  return {
    checkSite: (request) => checkSite(request, hosts),
    checkToken(request) {
      if (digest !== undefined) checkBearer(request, digest);
      return identity;
    },
  };
}

function checkSite(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const host = hostOf(request);
  const name = HOST.exec(host)?.[1];
  // ORCH-2063: a page that made its own name point here shows that name
  if (name === undefined || !(isLoopbackName(name) || hosts.has(name) || isArrivalAddress(request, name))) {
    throw refusal('FOREIGN_ORIGIN', 'header.host');
  }
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

function isArrivalAddress({ socket }: IncomingMessage, name: string): boolean {
  const address = socket.localAddress?.replace(/^::ffff:/, '');
  return address === name || `[${String(address)}]` === name;
}

function checkBearer(request: IncomingMessage, digest: Buffer): void {
  const { authorization } = request.headers;
  if (authorization === undefined) throw refusal('MISSING_TOKEN', 'header.authorization');
  const given = BEARER.exec(authorization)?.[1];
  // ORCH-2061: digests have one length, so that neither the length nor a prefix shows in the time
  if (given === undefined || !timingSafeEqual(sha256(given), digest))
    throw refusal('BAD_TOKEN', 'header.authorization');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
