// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { createAddressRules } from './address-rule.ts';

verifies('ORCH-1620', 'only public addresses may be connected to', () => {
  const { allowsAddress } = createAddressRules([]);
  const open = ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:1.1.1.1'];
  const closed = [
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1', '240.0.0.1'],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', 'fec0::1', '2001:db8::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
    ...['not an address', '', '127.0.0.1.example'],
  ];
  expect(open.filter((address) => !allowsAddress(address))).toEqual([]);
  expect(closed.filter((address) => allowsAddress(address))).toEqual([]);
});

verifies('ORCH-1620', 'a network that the operator named is open, and no other', () => {
  const { allowsAddress, namesAddress } = createAddressRules(['10.0.0.0/8', 'fd00::/8']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::5']) {
    expect(allowsAddress(address)).toBe(true);
    expect(namesAddress(address)).toBe(true);
  }
  expect(['11.0.0.1'].map(namesAddress)).toEqual([false]);
  expect(['192.168.0.1', 'fe80::1', '127.0.0.1'].filter(allowsAddress)).toEqual([]);
  expect(() => createAddressRules(['everywhere'])).toThrow();
});
