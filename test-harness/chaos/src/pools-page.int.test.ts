// SPDX-License-Identifier: MIT
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call } from '@llama-orch/harness-bdd';
import { loadConfig, type LoadedConfig } from '@llama-orch/orchestratord';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableService } from './durable-service.ts';
import { submit } from './mock-tasks.ts';
import { MOODY_ENGINE } from './moody-pool.ts';
import { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

type Config = LoadedConfig['config'];

const PAGE = fileURLToPath(new URL('../../../docs/pools.md', import.meta.url));

/** The configurations on the page, as the service reads them. */
async function examples(folder: string): Promise<readonly Config[]> {
  const page = await readFile(PAGE, 'utf8');
  const texts = Array.from(page.matchAll(/```yaml\n([^]*?)```/g), ([, text = '']) => text);
  const file = join(folder, 'config.yaml');
  const configs: Config[] = [];
  for (const text of texts) {
    await writeFile(file, text);
    configs.push(loadConfig({ file, env: {} }).config);
  }
  return configs;
}

async function withModels(): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'models'));
  for (const name of ['coder', 'writer']) await writeFile(join(directory.path, 'models', `${name}.gguf`), name);
  return directory;
}

verifies('ORCH-5031', 'every configuration on the page of pools is one the service takes', async () => {
  await using directory = await withModels();
  expect((await examples(directory.path)).length).toBeGreaterThan(2);
});

verifies('ORCH-1402', 'the command template on the page of pools starts an engine that serves', async () => {
  await using _leaks = watchLeaks();
  await using directory = await withModels();
  const isTemplate = ({ pools }: Config): boolean => pools[0]?.engine?.command === 'my-engine';
  const { pools } = (await examples(directory.path)).find(isTemplate) ?? {};
  const program = `#!/bin/sh\nexec '${process.execPath}' --conditions=@llama-orch/source '${MOODY_ENGINE}' "$@"\n`;
  await writeFile(join(directory.path, 'my-engine'), program, { mode: 0o755 });
  const env = { PATH: `${directory.path}:${process.env['PATH'] ?? ''}` };
  const store = join(directory.path, 'store');
  await using service = await DurableService.start({ directory: store, env, config: { pools } });
  await service.process.ready();
  const { task_id: taskId } = await submit(service.baseUrl, 'hi', { max_tokens: 4 });
  expect((await call(service.baseUrl, { path: `/v1/tasks/${taskId}/stream` })).text).toContain('event: end');
  const { json } = await call(service.baseUrl, { path: '/v1/pools/coder/health' });
  expect(json).toMatchObject({ replicas: [{ model_id: 'coder', provisioning: 'managed' }] });
  expect(await service.stop()).toBe(0);
});
