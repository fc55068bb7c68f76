// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { isConfig } from './index.ts';

verifies('ORCH-9012', 'every default is filled in', () => {
  const config: { listen?: unknown; pools?: unknown } = {};
  expect(isConfig(config)).toBe(true);
  expect(config.listen).toMatchObject({ host: '127.0.0.1', port: 8080 });
  expect(config.pools).toEqual([expect.objectContaining({ id: 'haiku', adapter: 'node-llama-cpp' })]);
});

verifies('ORCH-9012', 'what is given is kept beside the defaults', () => {
  const config = { listen: { port: 9000 } };
  expect(isConfig(config)).toBe(true);
  expect(config.listen).toMatchObject({ host: '127.0.0.1', port: 9000 });
});

verifies('ORCH-9012', 'every violation is reported, not only the first', () => {
  expect(isConfig({ listen: { port: 'x', colour: 'red' }, queue: { batch_tasks: -1 } })).toBe(false);
  const places = isConfig.errors?.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
  expect(places?.sort()).toEqual(['/listen additionalProperties', '/listen/port type', '/queue/batch_tasks minimum']);
});
