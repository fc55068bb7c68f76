// SPDX-License-Identifier: MIT
import type { ServiceUnderTest } from './service-under-test.ts';

type Call = (
  operationId: string,
  init?: { ids?: Record<string, string>; body?: unknown; headers?: Record<string, string> },
) => Promise<Response>;

/** What each operation on the engines of a pool is answered with; the pool serves again afterwards. */
export function poolCases(
  call: Call,
  broken: ServiceUnderTest,
): readonly (readonly [operationId: string, status: number, call: () => Promise<Response>])[] {
  const ids = { pool: 'none' };
  const text = { body: 'x', headers: { 'content-type': 'text/plain' } };
  const deep = { body: '['.repeat(100) };
  return [
    ['drainPool', 200, () => call('drainPool', { body: { deadline_ms: 0 } })],
    ['drainPool', 404, () => call('drainPool', { ids, body: {} })],
    ['drainPool', 413, () => call('drainPool', deep)],
    ['drainPool', 415, () => call('drainPool', text)],
    ['resumePool', 200, () => call('resumePool')],
    ['reloadPool', 200, () => call('reloadPool', { body: {} })],
    ['reloadPool', 404, () => call('reloadPool', { ids, body: {} })],
    ['reloadPool', 413, () => call('reloadPool', deep)],
    ['reloadPool', 415, () => call('reloadPool', text)],
    ['reloadPool', 502, () => broken.call('POST', '/v1/pools/haiku/reload', { body: {} })],
    ['unloadPool', 200, () => call('unloadPool')],
    ['unloadPool', 404, () => call('unloadPool', { ids })],
    ['loadPool', 200, () => call('loadPool')],
    ['loadPool', 404, () => call('loadPool', { ids })],
    ['loadPool', 503, () => broken.call('POST', '/v1/pools/haiku/load')],
    ['reloadConfig', 200, () => call('reloadConfig')],
  ];
}
