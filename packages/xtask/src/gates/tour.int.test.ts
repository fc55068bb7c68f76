// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { checkTour } from './tour.ts';

async function check(tour: string): Promise<readonly string[]> {
  await using folder = await temporaryFolder({
    'docs/tour.md': tour,
    'src/app.ts': 'export function createApp() {}\n',
  });
  return await checkTour(folder.path);
}

verifies('ORCH-9106', 'a symbol that is still in its file passes', async () => {
  expect(await check('[`createApp`](../src/app.ts) [`createApp()`](../src/app.ts) [the app](../src/app.ts)')).toEqual(
    [],
  );
});

verifies('ORCH-9106', 'a symbol or file that moved is a finding', async () => {
  expect(await check('[`createServer`](../src/app.ts)')).toEqual(['docs/tour.md: src/app.ts has no createServer']);
  expect(await check('[`createApp`](../src/main.ts)')).toEqual(['docs/tour.md: src/main.ts does not exist']);
});
