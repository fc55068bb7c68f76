// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { makeStateFolder } from './__fixtures__/state-folder.ts';
import { findFreePort } from './service/look-at-port.ts';
import { startService, type StartedService } from './service/start-service.ts';

const root = join(import.meta.dirname, '../../..');
const readme = await readFile(join(root, 'README.md'), 'utf8');
const README_URL = 'http://127.0.0.1:8080';
const LIMIT_MS = 120_000;

const run = promisify(execFile);
const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);

const commands = blocks('sh').flatMap((block) =>
  block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, ''))
    .filter(Boolean),
);

/** What a command must print; a command that is not listed fails the test below. */
const EXPECTED: readonly (readonly [command: RegExp, output: RegExp])[] = [
  [/^npm start$/, /The self-test passed: metrics[\s\S]*^Receipt/m],
  [/^curl -s -H/, /"task_id":"[0-9a-f-]{36}".*"queue_position":0/],
  [/^curl -sN/, /^event: started$[\s\S]*^event: token$[\s\S]*^event: end$/m],
  [/^npx llama-orch run/, /\blantern\b/],
  [/^npx llama-orch ps$/, /^TASK/],
  [/^npx llama-orch pools$/, /haiku\s+ready\s+node-llama-cpp/],
  [/^npx llama-orch doctor$/, /^ok {4}service .*node-llama-cpp .*sha256:/m],
];

const state = makeStateFolder();
let service: StartedService;

beforeAll(async () => {
  service = await startService({ port: await findFreePort('127.0.0.1'), env: state.env, readyTimeoutMs: LIMIT_MS });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  state[Symbol.dispose]();
});

async function inShell(command: string, env: Record<string, string>): Promise<string> {
  using own = makeStateFolder();
  const { stdout } = await run('sh', ['-c', command], { cwd: root, env: { ...own.env, ...env } });
  return stdout;
}

verifies('ORCH-2660', 'every command of the README works as it stands', async () => {
  const tested = commands.filter((command) => command !== 'npm test'); // This test is part of it.
  expect(tested.length).toBeGreaterThanOrEqual(EXPECTED.length);
  for (const command of tested) {
    const output = EXPECTED.find(([pattern]) => pattern.test(command))?.[1];
    expect(output, `what does this print: ${command}`).toBeDefined();
    const env: Record<string, string> =
      command === 'npm start'
        ? { LLORCH_START_ONCE: '1', LLORCH_LISTEN_PORT: String(await findFreePort('127.0.0.1')) }
        : { LLORCH_URL: service.url };
    expect(await inShell(command.replaceAll(README_URL, service.url), env), command).toMatch(output!);
  }
});

verifies('ORCH-2660', 'the TypeScript snippet of the README compiles and streams', async () => {
  const folder = join(import.meta.dirname, '../out-tsc/readme');
  await mkdir(folder, { recursive: true });
  const [snippet = ''] = blocks('ts');
  const file = join(folder, 'snippet.ts');
  await writeFile(file, snippet.replaceAll(README_URL, service.url));
  const source = '@llama-orch/source';
  const strict = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  const tsc = join(root, 'node_modules/typescript/lib/tsc.js');
  const options = ['--ignoreConfig', ...strict, '--customConditions', source, '--allowImportingTsExtensions', file];
  await run(process.execPath, [tsc, ...options], { cwd: folder });
  const { stdout } = await run(process.execPath, [`--conditions=${source}`, file], { cwd: folder });
  expect(stdout).toMatch(/\briver\b[\s\S]*output_sha256/);
  await rm(folder, { recursive: true });
});

verifies('ORCH-2660', 'the README fits one screen of text and its second command exists', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(commands.slice(0, 2)).toEqual(['npm start', 'npm test']);
  expect(scripts).toHaveProperty('test');
  expect(readme.split('\n').length).toBeLessThan(80);
});
