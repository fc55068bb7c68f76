// SPDX-License-Identifier: MIT

/** True for names and addresses that only this machine can reach; IPv6 with or without brackets. */
export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name === '::1' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}
