// SPDX-License-Identifier: MIT
import { isIP } from 'node:net';
import { createAddressRules, type AddressRule } from './address-rule.ts';
import { refused } from './outbound-fault.ts';

/** What may be fetched, and how long it may take; ORCH-1620. */
export interface OutboundRules {
  /** Hosts that may be asked: a name, or `*.` and a suffix. Default: huggingface.co with its content hosts. */
  readonly allowedHosts?: readonly string[];
  /** Networks in CIDR form that may be connected to although they are not public; default none. */
  readonly allowedNetworks?: readonly string[];
  /** True where nothing may be asked at all; default false. ORCH-1615 */
  readonly isOffline?: boolean;
  /** Redirects that are followed; default 5. */
  readonly maxRedirects?: number;
  /** Until a connection stands; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Until the head of an answer has come; default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Between two pieces of a body; default 30,000. */
  readonly idleTimeoutMs?: number;
  /** Window over which a body must keep its least rate; default 30,000. */
  readonly rateWindowMs?: number;
  /** Least rate of a body; default 1,024. */
  readonly minBytesPerSecond?: number;
  /** Largest file; default 1 TiB. */
  readonly maxBytes?: number;
  /** How long one pull may take in all; default 24 hours. */
  readonly maxPullMs?: number;
  /** Certificates in PEM that are trusted instead of the platform's own, for mirrors in a private network. */
  readonly certificates?: string;
}

/** The rules with nothing left out, and the decisions that follow from them. */
export interface OutboundPolicy extends Required<Omit<OutboundRules, 'certificates'>> {
  readonly certificates: string | undefined;
  readonly allowsAddress: AddressRule;
  /** Whether the operator allowed this very address. */
  readonly namesAddress: AddressRule;
  /** @throws OrchError FETCH_REFUSED when this address may not be asked. */
  checkUrl(url: URL): void;
}

/** The hub and the hosts that it redirects to. */
export const HUB_HOSTS: readonly string[] = ['huggingface.co', '*.huggingface.co', '*.hf.co'];

/** One policy for every request that leaves. @throws Error when a network cannot be read. */
export function createOutboundPolicy(rules: OutboundRules): OutboundPolicy {
  const allowedHosts = (rules.allowedHosts ?? HUB_HOSTS).map((host) => host.toLowerCase());
  const allowedNetworks = rules.allowedNetworks ?? [];
  const { allowsAddress, namesAddress } = createAddressRules(allowedNetworks);
  const isOffline = rules.isOffline ?? false;
  return {
    allowedHosts,
    allowedNetworks,
    allowsAddress,
    namesAddress,
    isOffline,
    maxRedirects: rules.maxRedirects ?? 5,
    connectTimeoutMs: rules.connectTimeoutMs ?? 10_000,
    headersTimeoutMs: rules.headersTimeoutMs ?? 30_000,
    idleTimeoutMs: rules.idleTimeoutMs ?? 30_000,
    rateWindowMs: rules.rateWindowMs ?? 30_000,
    minBytesPerSecond: rules.minBytesPerSecond ?? 1_024,
    maxBytes: rules.maxBytes ?? 2 ** 40,
    maxPullMs: rules.maxPullMs ?? 86_400_000,
    certificates: rules.certificates,
    checkUrl(url) {
      // ORCH-1615: before a name is looked up
      if (isOffline) throw refused('offline', 'The catalog is offline; nothing is asked of other hosts.');
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('scheme', 'Only https is fetched.');
      const host = bareHost(url);
      if (!allowedHosts.some((pattern) => fits(host, pattern))) {
        throw refused('host', `The outbound policy does not allow the host ${host}.`, { host });
      }
      if (isIP(host) !== 0 && !allowsAddress(host)) throw addressRefused(host);
    },
  };
}

/** The host of an address without the brackets of IPv6. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** The fault of an address that may not be connected to. */
export function addressRefused(host: string): Error {
  return refused('address', `The outbound policy does not allow the address of ${host}.`, { host });
}

function fits(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length : host === pattern;
}
