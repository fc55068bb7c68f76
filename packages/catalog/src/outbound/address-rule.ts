// SPDX-License-Identifier: MIT
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** Whether an address may be connected to. */
export type AddressRule = (address: string) => boolean;

/** All that the public internet routes today. */
const GLOBAL_UNICAST: Network = ipaddr.parseCIDR('2000::/3');

/** Both rules of an outbound policy. */
export interface AddressRules {
  /** Public, or named. */
  readonly allowsAddress: AddressRule;
  /** In one of the networks that the operator named. */
  readonly namesAddress: AddressRule;
}

/**
 * The rules of ORCH-1620: public unicast addresses, and what the operator allowed. An IPv6 address that carries an IPv4
 * address is judged as that, so that `::ffff:127.0.0.1` is loopback.
 *
 * @param allowedNetworks Networks in CIDR form, as in `10.0.0.0/8`.
 * @throws Error when a network cannot be read.
 */
export function createAddressRules(allowedNetworks: readonly string[]): AddressRules {
  const networks = allowedNetworks.map((network) => ipaddr.parseCIDR(network));
  const isNamed = (address: Address): boolean => networks.some((network) => isIn(address, network));
  const judged = (text: string, judge: (address: Address) => boolean): boolean =>
    ipaddr.isValid(text) && judge(ipaddr.process(text));
  return {
    allowsAddress: (text) => judged(text, (address) => isNamed(address) || isPublic(address)),
    namesAddress: (text) => judged(text, isNamed),
  };
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || isIn(address, GLOBAL_UNICAST);
}

function isIn(address: Address, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
