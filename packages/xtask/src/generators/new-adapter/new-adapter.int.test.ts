// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@llama-orch/test-kit';
import { flushChanges, FsTree } from 'nx/src/generators/tree.js';
import { expect } from 'vitest';
import { countTests, readTestReport } from '../../pipeline/test-report.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { newAdapter } from './new-adapter.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../../../../..');

verifies('ORCH-9301', 'a generated adapter compiles and passes the exercise of the port', async () => {
  await using workspace = await temporaryFolder({ 'package.json': '{ "type": "module" }' });
  const tree = new FsTree(workspace.path, false);
  await newAdapter(tree, { name: 'sample-engine' });
  flushChanges(workspace.path, tree.listChanges());
  await symlink(join(repository, 'node_modules'), join(workspace.path, 'node_modules'));
  for (const shared of ['tsconfig.base.json', 'vitest.shared.ts']) {
    await copyFile(join(repository, shared), join(workspace.path, shared));
  }
  const folder = join(workspace.path, 'packages/worker-adapters/sample-engine');
  const used = ['packages/worker-adapter-api', 'packages/worker-adapters/kit'];
  // `nx sync` adds these references in the real workspace.
  const library = JSON.parse(tree.read('packages/worker-adapters/sample-engine/tsconfig.lib.json', 'utf8') ?? '');
  await workspace.write({
    'packages/worker-adapters/sample-engine/tsconfig.lib.json': JSON.stringify({
      ...library,
      references: used.map((project) => ({ path: join(repository, project, 'tsconfig.lib.json') })),
    }),
  });
  await run(join(repository, 'node_modules/.bin/tsc'), ['-b', folder]);
  const report = join(workspace.path, 'report.json');
  const vitest = join(repository, 'node_modules/.bin/vitest');
  await run(vitest, ['run', '--root', folder, '--reporter=json', `--outputFile=${report}`]);
  const { passedCount, failedCount } = countTests(await readTestReport(report));
  expect(failedCount).toBe(0);
  expect(passedCount).toBeGreaterThan(15);
});

verifies('ORCH-9301', 'a generated adapter has the files every adapter has', async () => {
  await using workspace = await temporaryFolder();
  const tree = new FsTree(workspace.path, false);
  await newAdapter(tree, { name: 'sample-engine' });
  const files = tree.children('packages/worker-adapters/sample-engine/src');
  for (const part of ['map-request', 'map-events', 'map-fault', 'map-props', 'map-metrics', 'sample-engine-adapter']) {
    expect(files).toContain(`${part}.ts`);
  }
});

verifies('ORCH-9301', 'an adapter that exists is not overwritten', async () => {
  await using workspace = await temporaryFolder();
  const tree = new FsTree(workspace.path, false);
  tree.write('packages/worker-adapters/vllm/package.json', '{}');
  await expect(newAdapter(tree, { name: 'vllm' })).rejects.toThrow('packages/worker-adapters/vllm exists already');
});
