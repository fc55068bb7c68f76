// SPDX-License-Identifier: MIT
import { writeSync } from 'node:fs';
import { openArtifactStore } from '../open-artifact-store.ts';
import { testOptions } from './test-store.ts';

// A process that stores one artifact after the other until it is killed, and tells which ones are stored.

const store = await openArtifactStore({ ...testOptions(process.argv[2] ?? ''), maxTotalBytes: 1 << 30 });
for (let i = 0; ; i += 1) {
  const { artifact } = await store.put({ kind: 'plan', content: { i, filler: 'x'.repeat(200_000) } });
  writeSync(1, `${artifact.id}\n`);
}
